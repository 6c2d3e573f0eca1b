// What the facilitator does from the page when the room changes: tables are set aside and merged,
// a second laptop leads in the hub's place. No page is loaded anew.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { launch, openPage } from "./browser.js";
import { allSafe, keys, lies, openTable } from "./play.js";
import { Room } from "./room.js";

const english = { locale: "en-GB" };

let room, browser, desk, standby, watcher, tables;

const button = (page, name) => page.getByRole("button", { name, exact: true });
const tile = (page, n) => page.locator(".tile").filter({
    has: page.locator(".number", { hasText: new RegExp(`^${n}$`) }),
});
const toBoard = page => page.getByRole("tab", { name: "Board 1" }).click();
const isWhole = page => page.evaluate(() => window.isWhole === true);

// Marks a page: one that is loaded anew loses it.
async function mark(page) {
    await page.evaluate(() => { window.isWhole = true; });
    return page;
}

async function inTable(n, act) {
    await tile(desk, n).click();
    const dialog = desk.getByRole("dialog", { name: `Table ${n}` });
    await act(dialog);
    await desk.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
}

before(async () => {
    [room, browser] = await Promise.all([Room.open({ tables: 3 }), launch()]);
    desk = await mark(await openPage(browser, await room.hub.link(), english));
    await desk.locator(".main-order:enabled").waitFor();
    tables = [];
    for (const node of room.tables) {
        const page = await mark(await openTable(browser, node));
        await toBoard(page);
        tables.push(page);
    }
});

after(async () => {
    await browser?.close();
    await room?.close();
});

test("a table is set aside from the page, and counts again", async () => {
    await inTable(2, async dialog => {
        await button(dialog, "Set aside").click();
        await dialog.locator(".outcome", { hasText: "Table 2 is set aside" }).waitFor();
        await button(dialog, "Count it again").waitFor();
    });
    await tile(desk, 2).getByText("set aside").waitFor();
    await inTable(2, async dialog => {
        await button(dialog, "Count it again").click();
        await dialog.locator(".outcome", { hasText: "Table 2 counts again" }).waitFor();
        await button(dialog, "Set aside").waitFor();
    });
    await tile(desk, 2).getByText("set aside").waitFor({ state: "detached" });
});

test("two tables are merged from the page, and both are told on theirs", async () => {
    await keys(tables[2], "health", "stimulates/2", 1, "she had time");
    await allSafe(tables[2]);
    await inTable(3, async dialog => {
        const merge = button(dialog, "Merge");
        assert.ok(await merge.isDisabled(), "not before it is said with which");
        await dialog.getByLabel("Goes on at table").selectOption("1");
        await merge.click();
        await dialog.locator(".outcome", { hasText: "Table 3 goes on at table 1" }).waitFor();
    });
    await tile(desk, 3).getByText("set aside").waitFor();
    await tables[2].getByText("Tafel 1: kom daar zitten").first().waitFor();
    await tables[0].getByText("Tafel 3 komt bij u zitten").first().waitFor();
    await lies(tables[2], "health", "stimulates/2"); // what it did is kept
    await inTable(3, async dialog => { // a merge is taken back as any table that is aside
        await button(dialog, "Count it again").click();
        await button(dialog, "Set aside").waitFor();
    });
});

test("a second laptop joins by the code from the page, and only watches", async () => {
    await desk.getByRole("tab", { name: /Codes/ }).click();
    await button(desk, "A code for a second laptop").click();
    const code = await desk.locator(".code-text").textContent();
    await desk.keyboard.press("Escape");
    const port = room.hub.args[room.hub.args.indexOf("--port") + 1];
    standby = room.node(["standby", "--code", code, "--hub", `127.0.0.1:${port}`, "--data",
        join(room.dir, "standby"), "--listen", "127.0.0.1", "--port", "0"]);
    await standby.line(/^ready: this standby/);
    watcher = await mark(await openPage(browser, await standby.link(), english));
    await watcher.getByText("This is a second hub.").waitFor();
    assert.ok(await watcher.locator(".main-order").isDisabled());
    await desk.locator(".standbys", { hasText: "A second hub is here, holds all" }).waitFor();
});

// Tables have heard of the new step, and what is done at their pages is safe: it is on the disk of
// the hub that leads now.
async function playOn(card) {
    for (const page of tables) {
        await page.locator("#tab-now[aria-selected=true]").waitFor();
        await toBoard(page);
        await keys(page, card, "stimulates/2", 1);
        await allSafe(page);
    }
}

async function leadOn(page, onward) {
    await page.locator(".main-order:enabled").waitFor();
    await button(page, "Next step").click();
    await page.locator("#now-title", { hasText: onward }).waitFor();
}

test("the hub is killed: the second laptop takes over from its page, and all follow", async () => {
    await room.hub.kill();
    await watcher.getByText("The hub that led is not heard from here.").waitFor({ timeout: 30000 });
    await button(watcher, "Take over").click();
    await watcher.keyboard.press("Escape"); // thought better of it
    assert.ok(await watcher.locator(".main-order").isDisabled());
    await button(watcher, "Take over").click();
    await button(watcher, "Yes, lead from here").click();
    await leadOn(watcher, "talk");
    await playOn("finances");
    for (const n of [1, 2, 3])
        await tile(watcher, n).getByText(/\d cards?/).waitFor();
});

test("the old hub comes back: its page watches, and takes over while the other lives", async () => {
    room.hub.start();
    await desk.getByText("Another hub leads now. This one only watches.").waitFor();
    await desk.getByText("The other hub is here and leads.").waitFor();
    assert.ok(await desk.locator(".main-order").isDisabled());
    await desk.locator("#now-title", { hasText: "talk" }).waitFor();
    await button(desk, "Take over").click();
    await button(desk, "Yes, lead from here").click();
    await leadOn(desk, "poll");
    await watcher.getByText("This is a second hub.").waitFor();
    await watcher.locator(".main-order:disabled").waitFor();
    await playOn("schooling");
    await watcher.locator("#now-title", { hasText: "poll" }).waitFor();
    for (const page of [desk, watcher, ...tables]) {
        assert.ok(await isWhole(page), "a page was loaded anew");
        assert.deepEqual(page.errors, []);
    }
});
