// Whatever people type, in every field, and whatever a script says, is shown as text.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { Client } from "./client.js";
import { openTable } from "./play.js";
import { fluit, Room } from "./room.js";

const HOSTILE = "<img src=x onerror=hit=1></textarea><script>hit=1</script><svg/onload=hit=1>" +
    "\"'`${hit=1}{{hit=1}}";
const IN_SCRIPT = "<img src=x onerror=hit=1>";

let dir, room, browser, table;

// The built-in retrospective, each of its names and texts spoilt.
function hostileScript() {
    const path = join(dir, "hostile.yaml");
    const script = execFileSync(fluit, ["script", "show", "retro"]).toString()
        .replace(/\b(title|no-names|name|task|text|question): ([^"{}\n>|]+?)(?=[}\n])/g,
            (all, key, text) => `${key}: '${IN_SCRIPT} ${text.replaceAll("'", "''")}'`);
    writeFileSync(path, script);
    return path;
}

// The request is carried out; its answer.
async function does(client, request) {
    const answer = await client.do(request);
    assert.ok(answer.ok, `${JSON.stringify(request)}: ${answer.why}`);
    return answer;
}

async function isText(page, what) {
    const found = await page.evaluate(() => ({
        ran: "hit" in globalThis,
        markup: document.querySelectorAll("#page script, [onerror], [onload], img[src=x]").length,
    }));
    assert.deepEqual(found, { ran: false, markup: 0 }, what);
    assert.deepEqual(page.errors, [], what);
}

const shows = (page, text = HOSTILE) => page.waitForFunction(wanted =>
    document.body.innerText.includes(wanted) || [...document.querySelectorAll("input, textarea")]
        .some(field => field.value.includes(wanted)), text);

before(async () => {
    dir = mkdtempSync(join(tmpdir(), "fluit-hostile-"));
    room = await Room.open({ tables: 1, rapporteurs: 1, script: hostileScript() });
    browser = await launch();
    table = await Client.open(await room.tables[0].link());
    const hub = await Client.open(await room.hub.link()), views = await hub.watch().opened;
    await views.until(view => view.node.ready);
    const { steps } = await hub.script();
    const round = steps.findIndex(step => step.round === 1);
    for (let i = 0; i < round; i++)
        await does(hub, { do: "line", line: "next" });
    await does(hub, { do: "message", text: HOSTILE });
    const { card } = await does(table, { do: "blank", text: HOSTILE });
    for (const id of [card, "goal"]) {
        await does(table, { do: "place", card: id, zone: "costs-energy", degree: 2 });
        await does(table, { do: "why", card: id, text: HOSTILE });
    }
    await does(table, { do: "link", from: card, to: "goal", word: HOSTILE });
    await does(table, { do: "note", text: HOSTILE, quote: true, plenary: true, card: "goal" });
    await views.until(view => view.quotes.count > 0);
    const { quotes } = await does(hub, { do: "quotes" });
    await does(hub, { do: "release", note: quotes[0].note });
    await does(hub, { do: "heap", note: quotes[0].note, heap: HOSTILE });
    views.close();
});
after(async () => {
    await browser?.close();
    await room?.close();
    rmSync(dir, { recursive: true, force: true });
});

for (const kind of ["table", "rapporteur"])
    test(kind, async () => {
        const page = await openTable(browser, room[`${kind}s`][0]);
        await shows(page, IN_SCRIPT);
        await shows(page); // the message
        for (const tab of await page.getByRole("tab").all()) {
            await tab.click();
            await shows(page, IN_SCRIPT);
            await isText(page, `${kind}: ${await tab.textContent()}`);
        }
        if (kind === "table") {
            await page.locator("#tab-board").click();
            await page.locator("[data-card=goal].laid").click();
            await page.locator("#why").waitFor();
            await page.locator(".tie-edit").waitFor();
            await isText(page, "a card looked at");
            await page.reload();
            await shows(page, IN_SCRIPT);
            await isText(page, "loaded anew");
        }
        await page.context().close();
    });

test("facilitator", async () => {
    const page = await openPage(browser, await room.hub.link(), { locale: "en-GB" });
    await shows(page, IN_SCRIPT);
    for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        await isText(page, await tab.textContent());
    }
    await page.getByRole("tab").nth(1).click();
    await shows(page);
    await isText(page, "words");
    await page.context().close();
});

test("projector", async () => {
    const page = await openPage(browser, await room.hub.link("page projector"),
        { locale: "en-GB" });
    await shows(page, IN_SCRIPT);
    for (const [i, screen] of ["step", "board", "rounds", "agreed", "polls", "words"].entries()) {
        await page.keyboard.press(`${i + 1}`);
        await page.locator(`main.shows-${screen}`).waitFor();
        await isText(page, screen);
    }
    await shows(page);
    await isText(page, "words");
    await page.context().close();
});
