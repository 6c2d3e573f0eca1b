// On a phone's screen: axe-core finds nothing, and no page is wider than the screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe } from "./axe.js";
import { launch, openPage } from "./browser.js";
import { fillRound, order } from "./fill.js";
import { Room } from "./room.js";

const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true, reducedMotion: "reduce" };
const NARROW = { ...PHONE, width: 320, height: 568 }; // WCAG 1.4.10

let room, browser;

before(async () => {
    room = await Room.open({ tables: 1, rapporteurs: 1 });
    browser = await launch();
    for (let step = 0; step < 6; step++)
        await order(room, "next", /^step .*: ready/);
    await order(room, "start", /^whistle start/);
    await fillRound(room, 1);
    await order(room, "message over vijf minuten verzamelen", /^sent/);
});
after(async () => {
    await browser?.close();
    await room?.close();
});

async function isFit(page, what) {
    assert.deepEqual(await axe(page), [], what);
    const [wide, screen] = await page.evaluate(() =>
        [document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]);
    assert.ok(wide <= screen, `${what}: ${wide} pixels wide on ${screen}`);
}

function fits(name, link, enter = async () => {}) {
    test(name, async () => {
        for (const [size, locale] of [[PHONE, "nl-NL"], [NARROW, "en-GB"]]) {
            const page = await openPage(browser, await link(), { locale, ...size });
            await page.locator("main").first().waitFor();
            await enter(page);
            await isFit(page, locale);
            for (const tab of await page.getByRole("tab").all()) {
                await tab.click();
                await isFit(page, `${locale}, ${await tab.textContent()}`);
            }
            assert.deepEqual(page.errors, [], locale);
            await page.context().close();
        }
    });
}

const later = page => page.getByRole("button", { name: "Later" }).click();

fits("table", () => room.tables[0].link(), later);
fits("rapporteur", () => room.rapporteurs[0].link(), later);
fits("facilitator", () => room.hub.link());
fits("projector", () => room.hub.link("page projector"));
