// axe-core finds nothing to complain about, on any page, in either language.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { fill, fillRound, order } from "./fill.js";
import { Room } from "./room.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOCALES = ["nl-NL", "en-GB"];
const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };

let room, browser;

before(async () => {
    room = await Room.open({ tables: 2, rapporteurs: 1 });
    browser = await launch();
    await fill(room, { rounds: 1 });
    await order(room, "next", /^step .*: ready/);
    await order(room, "next", /^step .*: ready/);
    await order(room, "start", /^whistle start/);
    await fillRound(room, 2);
    await order(room, "message over vijf minuten verzamelen", /^sent/);
    await order(room, "quotes", /^ +8 /);
    await order(room, "release 1", /^released/);
});
after(async () => {
    await browser?.close();
    await room?.close();
});

// What axe finds on the page as it is, a line for each.
async function complaints(page) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
        globalThis.axe.run(document, { rules: { "target-size": { enabled: true } } }));
    return violations.flatMap(rule => rule.nodes.map(node =>
        `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`));
}

// views: what a person does there, one after the other; axe looks after each.
function isClean(name, link, views = {}, size = {}) {
    test(name, async () => {
        for (const locale of LOCALES) {
            const page = await openPage(browser, await link(), { locale, ...size,
                reducedMotion: "reduce" });
            await page.locator("main").waitFor();
            assert.deepEqual(await complaints(page), [], locale);
            for (const [view, act] of Object.entries(views)) {
                await act(page);
                assert.deepEqual(await complaints(page), [], `${locale}, ${view}`);
            }
            assert.deepEqual(page.errors, [], locale);
            await page.context().close();
        }
    });
}

const hub = () => room.hub.link();
const tab = at => async page => {
    await page.getByRole("tab").nth(at).click();
    await page.getByRole("tab").nth(at).and(page.locator("[aria-selected=true]")).waitFor();
};
const show = (key, screen) => async page => {
    await page.keyboard.press(key);
    await page.locator(`main.shows-${screen}`).waitFor();
};

isClean("facilitator", hub, { words: tab(1), codes: tab(2), late: tab(3) });
isClean("facilitator on a phone", hub, {}, PHONE);
isClean("projector", () => room.hub.link("page projector"), {
    step: show("1", "step"),
    board: show("2", "board"),
    rounds: show("3", "rounds"),
    agreed: show("4", "agreed"),
    polls: show("5", "polls"),
    words: show("6", "words"),
    blank: page => page.keyboard.press("b"),
});
