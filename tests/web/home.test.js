// From the home page to a downloaded report, with a browser alone.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { fluit } from "./room.js";

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let folder, home, link, browser;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fluit-home-"));
    home = spawn(fluit, ["home", "--folder", join(folder, "fluit"), "--no-browser",
        "--hub-port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    link = await new Promise(resolve => home.stdout.on("data", data => {
        const found = String(data).match(/page: (\S+)/);
        if (found)
            resolve(found[1]);
    }));
    browser = await launch();
});

after(async () => {
    await browser?.close();
    if (home.exitCode === null)
        await new Promise(resolve => home.once("close", resolve).kill("SIGTERM"));
    rmSync(folder, { recursive: true, force: true });
});

async function isAccessible(page) {
    if (!await page.evaluate(() => "axe" in window))
        await page.evaluate(readFileSync(axeFile, "utf8"));
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)]), []);
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

async function make(page) {
    await page.getByRole("button", { name: "Make a workshop" }).click();
    await page.getByLabel("Name").fill("An afternoon <b>& more");
    await page.getByText("fluit/An-afternoon-b-more").waitFor();
    await page.getByText("31 cards, 2 card rounds").waitFor();
    await page.getByLabel("Tables").fill("2");
    await isAccessible(page);
    await press(page, "Make it");
    const key = (await page.locator(".key").textContent()).trim();
    assert.match(key, /^(([0-9A-Z]{4}-){3}[0-9A-Z]{4}\s*){4}$/);
    await isAccessible(page);
    const end = page.getByLabel("Its last four characters");
    await end.fill(key.slice(-4) === "0000" ? "1111" : "0000");
    await press(page, "I have written it down");
    await page.getByText("that is not how it ends").waitFor();
    await end.fill(key.slice(-4).toLowerCase());
    await press(page, "I have written it down");
    await page.locator(".key").waitFor({ state: "detached" });
}

async function prepare(page) {
    await press(page, "Show the invites");
    await page.locator(".invite").nth(3).waitFor();
    assert.match(await page.locator(".invite .code").first().textContent(), /^(\w{4}-){3}\w{4}$/);
    await press(page, "Check the room");
    await page.locator(".findings li").nth(6).waitFor();
    await isAccessible(page);
}

async function lead(page) {
    await page.getByText("All on this computer").click();
    const opened = page.context().waitForEvent("page");
    await press(page, "Start");
    await (await opened).locator(".facilitator").waitFor();
    const table = page.context().waitForEvent("page");
    await press(page, "Table 2");
    await (await table).waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/$/);
}

async function download(page, which) {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Text", exact: true }).nth(which).click();
    const file = await coming;
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

test("makes, prepares, leads, and downloads the report", async () => {
    const page = await openPage(browser, link, { locale: "en-GB" });
    await page.getByRole("heading", { name: "fluit" }).waitFor();
    await isAccessible(page);
    await make(page);
    await prepare(page);
    await lead(page);
    const participants = await download(page, 0), full = await download(page, 1);
    assert.equal(participants.name, "An-afternoon-b-more-participants.txt");
    assert.equal(full.name, "An-afternoon-b-more-full.txt");
    assert.match(full.text, /Lifelong learning/);
    await isAccessible(page);
    await press(page, "Stop");
    await page.getByRole("button", { name: "Start", exact: true }).waitFor();
    await press(page, "Nederlands");
    await page.getByRole("heading", { name: "Het verslag" }).waitFor();
    await press(page, "← Alles");
    await press(page, "fluit sluiten");
    await page.getByText("fluit is gesloten").waitFor();
    assert.deepEqual(page.errors, []);
});
