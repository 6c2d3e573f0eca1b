// A round, as a room plays it: two tables and the projector, led from the facilitator's page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { allSafe, drag, keys, lies, openTable, touch } from "./play.js";
import { Room } from "./room.js";

const ROUND_STEP = 6; // of the built-in script
const QUARTER_MS = 15 * 60e3;

let room, browser, lead, first, second, projector;

// The wall clock of a page, to be set while it runs: jump(ms).
function settableDate() {
    const Real = Date;
    let off = 0;
    globalThis.jump = ms => { off += ms; };
    globalThis.Date = class extends Real {
        constructor(...args) {
            super(...args.length > 0 ? args : [Real.now() + off]);
        }

        static now() {
            return Real.now() + off;
        }
    };
}

// A page that is loaded anew forgets this.
const mark = page => page.evaluate(() => { window.marked = true; });

// A card's row on the projector: how many tables have it in each place of the line.
const rowOf = name => projector.evaluate(wanted => {
    const row = [...document.querySelectorAll("tr")].find(tr =>
        tr.querySelector("th")?.textContent.trim() === wanted);
    return row && [...row.querySelectorAll("td")].map(td => parseInt(td.textContent) || 0);
}, name);

async function counts(name, ...expected) {
    const end = performance.now() + 20000;
    for (let found; JSON.stringify(found = await rowOf(name)) !== JSON.stringify(expected);) {
        if (performance.now() > end)
            assert.deepEqual(found, expected, name);
        await projector.waitForTimeout(50);
    }
}

const order = name => lead.getByRole("button", { name, exact: true }).click();
const stepIs = name => lead.getByRole("heading", { name, exact: true }).waitFor();

before(async () => {
    room = await Room.open({ tables: 2 });
    browser = await launch();
    lead = await openPage(browser, await room.hub.link(), { locale: "en-GB" });
    projector = await openPage(browser, await room.hub.link("page projector"),
        { width: 1920, height: 1080, locale: "en-GB" });
    first = await openTable(browser, room.tables[0]);
    second = await openTable(browser, room.tables[1], { width: 1180, height: 820, hasTouch: true });
    await second.context().addInitScript(settableDate);
    await second.reload();
});
after(async () => {
    await browser?.close();
    await room?.close();
});

test("the facilitator leads to the round, and it begins with a whistle everywhere", async () => {
    for (let i = 0; i < ROUND_STEP; i++) {
        const before = await lead.locator("#now-title").textContent();
        await order("Next step");
        await lead.waitForFunction(title =>
            document.querySelector("#now-title").textContent !== title, before);
    }
    await stepIs("round 1");
    const seen = [first, second].map(page => page.locator(".whistle-flash.start").waitFor());
    await order("Start with the whistle");
    await Promise.all(seen);
    await Promise.all([first, second, projector].map(mark));
    await projector.locator("main.shows-board").waitFor();
});

test("cards laid with the mouse, a finger and the keys are seen on the projector", async () => {
    await drag(first, "health", "hinders/2");
    await touch(second, "health", "hinders/2");
    await counts("health", 0, 0, 0, 2);
    await keys(first, "management", "stimulates/1", 2, "he listened");
    await touch(second, "finances", "hinders/1");
    await drag(first, "schooling", "aside");
    await counts("manager and management", 0, 1, 0, 0);
    await counts("finances", 0, 0, 1, 0);
    await counts("schooling", 0, 0, 0, 0);
});

test("two browsers that move one card of one table end equal", async () => {
    const other = await openTable(browser, room.tables[0]);
    await other.locator("#tab-board").click();
    await lies(other, "health", "hinders/2");
    const move = async (page, degree) => {
        await page.locator('[data-card="health"].laid').click();
        await page.locator(".panel h2", { hasText: "health" }).waitFor();
        await page.locator(".move-list summary").click();
        await page.locator(`.panel .move.left[data-strength="${degree}"]`).click();
    };
    await Promise.all([move(first, 2), move(other, 1)]);
    await Promise.all([allSafe(first), allSafe(other)]);
    const where = page => page.locator('[data-card="health"].laid').evaluate(card =>
        card.closest("[data-place]").dataset.place);
    const place = await where(first);
    assert.match(place, /^stimulates/);
    await lies(other, "health", place);
    assert.equal(await first.locator('[data-card="health"].laid').count(), 1);
    assert.equal(await where(other), place);
    await other.context().close();
});

test("a wall clock that jumps by a quarter of an hour moves no timer", async () => {
    const time = async page => {
        const [minutes, seconds] = (await page.getByRole("timer").locator(".time").first()
            .textContent()).split(":").map(Number);
        return minutes * 60 + seconds;
    };
    for (const ms of [QUARTER_MS, -2 * QUARTER_MS]) {
        await second.evaluate(by => globalThis.jump(by), ms);
        const began = await time(second);
        await second.waitForFunction(from => {
            const [minutes, seconds] = document.querySelector("[role=timer] .time").textContent
                .split(":").map(Number);
            return minutes * 60 + seconds < from;
        }, began);
        assert.ok(Math.abs(await time(second) - await time(first)) <= 1);
    }
    assert.equal(await second.locator(".whistle-flash").count(), 0);
});

test("the hub dies in the midst of it: tables go on, and nothing is lost", async () => {
    await room.hub.kill();
    await drag(first, "technology", "hinders/1");
    await touch(second, "technology", "hinders/1");
    await keys(first, "colleagues", "stimulates/2", 1, "they helped");
    await Promise.all([first, second].map(page => page.locator("[data-standing=savedHere]")
        .waitFor()));
    room.hub.start();
    await room.hub.line(/^ready/);
    await drag(first, "economy", "hinders/2");
    await counts("technology", 0, 0, 2, 0);
    await counts("colleagues", 1, 0, 0, 0);
    await counts("economy", 0, 0, 0, 1);
    await counts("finances", 0, 0, 1, 0);
    await Promise.all([first, second].map(allSafe));
});

test("it ends early with a whistle everywhere, and what was laid stays", async () => {
    const seen = [first, second].map(page => page.locator(".whistle-flash.end").waitFor());
    await order("End early");
    await order("End it, with the whistle");
    await Promise.all(seen);
    await lies(first, "technology", "hinders/1");
    await lies(second, "health", "hinders/2");
    await counts("technology", 0, 0, 2, 0);
    for (const page of [first, second, projector]) {
        assert.equal(await page.evaluate(() => window.marked), true);
        assert.deepEqual(page.errors, []);
    }
});
