// Someone who is given only the browser leads a small afternoon: from the home page, over a round
// on one laptop's tables, to the report with what was said. Nothing is typed at a console.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { allSafe, drag, keys } from "./play.js";
import { fluit } from "./room.js";

const STEPS = ["welcome", "talk", "poll: recognition", "poll: informal learning", "coffee",
    "the card game: explanation and roles", "round 1", "changeover", "round 2",
    "plenary feedback"];

let folder, process_, link, browser;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fluit-afternoon-"));
    process_ = spawn(fluit, ["home", "--folder", folder, "--no-browser", "--hub-port", "0"],
        { stdio: ["ignore", "pipe", "inherit"] });
    link = await new Promise(resolve => process_.stdout.on("data", data => {
        const found = String(data).match(/page: (\S+)/);
        if (found)
            resolve(found[1]);
    }));
    browser = await launch();
});
after(async () => {
    await browser?.close();
    if (process_.exitCode === null)
        await new Promise(resolve => process_.once("close", resolve).kill("SIGTERM"));
    rmSync(folder, { recursive: true, force: true });
});

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

// The tab that a click opens.
async function opens(page, name) {
    const opened = page.context().waitForEvent("page");
    await press(page, name);
    const tab = await opened;
    tab.errors = [];
    tab.on("pageerror", error => tab.errors.push(String(error)));
    return tab;
}

async function make(home) {
    await home.getByRole("button", { name: "Make a workshop" }).click();
    await home.getByLabel("Tables").fill("2");
    await press(home, "Make it");
    const key = (await home.locator(".key").textContent()).trim();
    await home.getByLabel("Its last four characters").fill(key.slice(-4));
    await press(home, "I have written it down");
    await home.getByText("All on this computer").click();
}

async function openTable(home, name) {
    const table = await opens(home, name);
    await press(table, "Later"); // the sound check
    return table;
}

async function goTo(lead, step) {
    await lead.bringToFront();
    await press(lead, "Next step");
    await lead.getByRole("heading", { name: step, exact: true }).waitFor();
}

async function play(table, card, why) {
    await table.bringToFront();
    await table.getByRole("tab", { name: "Board 1" }).click();
    await drag(table, card, "hinders/2");
    await keys(table, "management", "stimulates/2", 1, why);
}

async function bring(table, words) {
    await table.bringToFront();
    await table.getByRole("tab", { name: "Notes" }).click();
    await press(table, "round 1");
    const note = table.getByRole("textbox", { name: /What would you advise employers/ }).last();
    await note.fill(words);
    await table.getByRole("button", { name: "Bring to plenary" }).last().click();
    await allSafe(table);
}

async function download(home, which) {
    const coming = home.waitForEvent("download");
    await home.getByRole("button", { name: "Text", exact: true }).nth(which).click();
    return readFileSync(await (await coming).path(), "utf8");
}

test("from the home page to the report, with a browser alone", async () => {
    const home = await openPage(browser, link, { locale: "en-GB" });
    await make(home);
    const lead = await opens(home, "Start");
    await lead.getByRole("heading", { name: STEPS[0], exact: true }).waitFor();
    const first = await openTable(home, "Table 1"), second = await openTable(home, "Table 2");
    const projector = await opens(home, "Open the projector's page");

    for (const step of STEPS.slice(1, 7))
        await goTo(lead, step);
    const whistles = [first, second].map(page => page.locator(".whistle-flash.start").waitFor());
    await press(lead, "Start with the whistle");
    await Promise.all(whistles);
    await play(first, "health", "he listened");
    await play(second, "finances", "she asked");
    await projector.getByText("boards of 2 tables").waitFor();
    await bring(first, "give people time");
    await bring(second, "ask, and ask again");

    await press(lead, "End early");
    await press(lead, "End it, with the whistle");
    await first.locator(".whistle-flash.end").waitFor();
    for (const step of STEPS.slice(7))
        await goTo(lead, step);
    await lead.getByRole("tab", { name: /^Words for the room/ }).click();
    await lead.getByRole("button", { name: "Show to the room" }).first().click();
    await projector.getByText(/give people time|ask, and ask again/).waitFor();
    const shown = await projector.locator("main").textContent();
    const other = shown.includes("give people time") ? "ask, and ask again" : "give people time";
    assert.ok(!shown.includes(other), "only what the facilitator shows");

    const participants = await download(home, 0), full = await download(home, 1);
    assert.ok(!participants.includes(other) && !participants.includes("he listened"));
    assert.match(participants, /give people time|ask, and ask again/);
    for (const words of ["he listened", "she asked", "give people time", "ask, and ask again"])
        assert.ok(full.includes(words), words);
    await press(home, "Stop");
    await home.getByRole("button", { name: "Start", exact: true }).waitFor();
    for (const page of [home, lead, first, second, projector])
        assert.deepEqual(page.errors, []);
});
