// What was done while the node was away is sent when it is back, though its tab was closed: once.
import { after, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { launch } from "./browser.js";
import { allSafe, card, inHand, lies } from "./play.js";
import { Room } from "./room.js";

let room, node, browser, context, sent;

// A tab of the one browser that has all that was kept before; what it asks for is noted in sent.
async function openTab() {
    const link = await node.link(), page = await context.newPage();
    page.on("request", request => {
        const what = request.url().endsWith("/api/do") && request.postDataJSON();
        if (what && what.do !== "time")
            sent.push({ page, what });
    });
    await page.goto(link);
    await page.getByRole("button", { name: "Later" }).click(); // the sound check
    await page.getByRole("tab", { name: "Board 1" }).click();
    await inHand(page, "development").waitFor();
    return page;
}

async function lay(page, id) {
    await inHand(page, id).click();
    await page.locator(".side-panel .move").nth(3).click();
    await lies(page, id, "hinders/2");
    await page.locator(`[data-card="${id}"].laid .mark.onlyHere`).waitFor();
}

const kept = page => page.evaluate(() =>
    Object.keys(localStorage).filter(name => name.startsWith("fluit-unsent/")).length);

async function goes() {
    await node.kill();
    for (const page of context.pages())
        await page.locator(".line-state").waitFor();
    sent = []; // what was tried and what reached it are one request
}

async function comesBack() {
    node.start();
    await node.line(/^ready/);
}

// How many tabs asked for that: one may have to ask again, while the node is not ready yet.
const asked = (word, id) => new Set(sent.filter(({ what }) => what.do === word && what.card === id)
    .map(({ page }) => page)).size;

before(async () => {
    [room, browser] = await Promise.all([Room.open({ tables: 1 }), launch()]);
    [node] = room.tables;
});
beforeEach(async () => {
    await context?.close();
    sent = [];
    context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
});
after(async () => {
    await browser?.close();
    await room?.close();
});

test("a tab that was closed left it for the next", async () => {
    const first = await openTab();
    await goes();
    await lay(first, "health");
    assert.equal(await kept(first), 1);
    await first.close();
    await comesBack();
    const second = await openTab();
    await lies(second, "health", "hinders/2");
    await allSafe(second);
    await card(second, "health").locator(".mark.onlyHere").waitFor({ state: "detached" });
    assert.equal(await kept(second), 0);
    assert.equal(asked("place", "health"), 1);
});

test("two tabs that live each send their own", async () => {
    const first = await openTab(), second = await openTab();
    await goes();
    await lay(first, "finances");
    await lay(second, "schooling");
    assert.equal(await kept(first), 2);
    await comesBack();
    for (const page of [first, second]) {
        await lies(page, "finances", "hinders/2");
        await lies(page, "schooling", "hinders/2");
        await allSafe(page);
    }
    await first.waitForFunction(() =>
        !Object.keys(localStorage).some(name => name.startsWith("fluit-unsent/")));
    assert.deepEqual([asked("place", "finances"), asked("place", "schooling")], [1, 1]);
});

test("of two tabs the one that lives sends for the one that was closed", async () => {
    const first = await openTab(), second = await openTab();
    await goes();
    await lay(first, "family-situation");
    await first.close();
    await lies(second, "family-situation", "hinders/2"); // it has it now
    await comesBack();
    const third = await openTab();
    for (const page of [second, third]) {
        await lies(page, "family-situation", "hinders/2");
        await allSafe(page);
    }
    assert.equal(await kept(third), 0);
    assert.equal(asked("place", "family-situation"), 1);
});

test("a tab that is loaded anew sends it, and another node's is left alone", async () => {
    const page = await openTab();
    await page.evaluate(() => localStorage.setItem("fluit-unsent/0/table/9/x", JSON.stringify(
        { at: 0, list: [{ key: "k", what: { do: "undo" } }] })));
    await goes();
    await lay(page, "leisure");
    await comesBack();
    await page.goto(await node.link());
    await page.getByRole("tab", { name: "Board 1" }).click();
    await lies(page, "leisure", "hinders/2");
    await allSafe(page);
    assert.equal(await kept(page), 1);
    assert.equal(sent.filter(({ what }) => what.do === "undo").length, 0);
});

test("where a browser has no locks: after a new load, or when nothing was heard for long",
    async () => {
        await context.addInitScript(() =>
            Object.defineProperty(navigator, "locks", { value: undefined }));
        const first = await openTab(), second = await openTab();
        await goes();
        await lay(first, "management");
        await lay(second, "colleagues");
        await second.evaluate(() => { // long ago
            for (const name of Object.keys(localStorage))
                if (name.startsWith("fluit-unsent/") && localStorage[name].includes("colleagues"))
                    localStorage[name] = JSON.stringify({ ...JSON.parse(localStorage[name]),
                        at: 0 });
        });
        await second.close();
        await comesBack();
        await first.goto(await node.link());
        await first.getByRole("tab", { name: "Board 1" }).click();
        await lies(first, "management", "hinders/2");
        await lies(first, "colleagues", "hinders/2");
        await allSafe(first);
        assert.equal(await kept(first), 0);
    });
