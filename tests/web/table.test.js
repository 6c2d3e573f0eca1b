// The table's page and the rapporteur's, as people use them: node --test tests/web/table.test.js
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { launch, openPage } from "./browser.js";
import { Room } from "./room.js";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const HOSTILE = "<img src=x onerror=window.hit=1>";

const laid = (page, id, place) =>
    page.locator(`[data-place="${place}"] [data-card="${id}"]`).waitFor();
const inHand = (page, id) => page.locator(`.hand [data-card="${id}"]`);
const safely = page => page.locator("[data-standing=safe], [data-standing=safeAt]").waitFor();

async function openTable(browser, node, options) {
    const page = await openPage(browser, await node.link(), options);
    await page.getByRole("button", { name: /^Later$/ }).click();
    return page;
}

async function toBoard(page) {
    await page.locator("#tab-board").click();
    await page.locator(".board").waitFor();
}

async function middle(locator) {
    const box = await locator.boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
}

describe("a table", () => {
    let room, browser, page;

    before(async () => {
        room = await Room.open({ tables: 1, rapporteurs: 1 });
        browser = await launch();
        page = await openTable(browser, room.tables[0]);
        await toBoard(page);
    });
    after(async () => {
        await browser?.close();
        await room?.close();
    });

    it("lays a card by dragging it with the mouse", async () => {
        await page.mouse.move(...await middle(inHand(page, "health")));
        await page.mouse.down();
        const to = await middle(page.locator('[data-place="hinders/2"]'));
        await page.mouse.move(...to, { steps: 5 });
        await page.locator(".ghost").waitFor();
        await page.mouse.up();
        await laid(page, "health", "hinders/2");
        await safely(page);
    });

    it("lays it by a tap on the card, then on the place", async () => {
        await inHand(page, "finances").click();
        await page.locator('[data-place="hinders/1"]').click({ position: { x: 60, y: 80 } });
        await laid(page, "finances", "hinders/1");
    });

    it("lays it with the keyboard alone, and says so", async () => {
        await inHand(page, "management").focus();
        await page.keyboard.press("Enter");
        await page.keyboard.press("ArrowRight");
        await page.waitForFunction(() =>
            /stimuleert, in grote mate/.test(document.getElementById("announce").textContent));
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("Enter");
        await laid(page, "management", "stimulates/1");
        await page.waitForFunction(() =>
            /^leidinggevende en management: stimuleert, in beperkte mate/
                .test(document.getElementById("announce").textContent));
        // The focus stays with the card.
        await page.waitForFunction(() => document.activeElement?.dataset.card === "management"
            && document.activeElement.closest("[data-place]").dataset.place === "stimulates/1");
        await page.keyboard.press("w");
        await page.waitForFunction(() => document.activeElement?.id === "why");
        await page.keyboard.type("hij luisterde");
        await page.keyboard.press("Escape");
        await page.locator('[data-card="management"].laid .why', { hasText: "hij luisterde" })
            .waitFor();
        // Escape puts a lifted card back where it lay.
        await page.keyboard.press("Enter");
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("Escape");
        await laid(page, "management", "stimulates/1");
    });

    it("takes why, \"none given\", a link with a word, a card of one's own, undo", async () => {
        await page.locator('[data-card="finances"].laid').click();
        await page.locator(".panel .toggle").click();
        await page.locator('[data-card="finances"].laid .none').waitFor();
        await page.locator(".panel").getByRole("button", { name: "Verbind" }).click();
        await page.locator('[data-card="health"].laid').click();
        await page.locator(".tie-edit input").fill("kost geld");
        await page.locator(".tie-edit input").press("Enter");
        await page.locator('[data-card="health"].laid .tie', { hasText: "kost geld" }).waitFor();
        await page.locator(".panel .close").click();
        await page.locator(".card.new").click();
        await page.locator("#new-blank").fill("de fiets");
        await page.keyboard.press("Enter");
        await page.locator('.hand [data-card="blank-1"]').click();
        await page.locator('[data-place="stimulates/2"]').click({ position: { x: 60, y: 80 } });
        await laid(page, "blank-1", "stimulates/2");
        await page.locator(".undo").click();
        await page.locator('.hand [data-card="blank-1"]').waitFor();
        await safely(page);
    });

    it("two browsers that move one card end at the node's order", async () => {
        const other = await openTable(browser, room.tables[0]);
        await toBoard(other);
        const lay = async (where, place) => {
            await inHand(where, "technology").click();
            await where.locator(`.side-panel .move`).nth(place).click();
        };
        await Promise.all([lay(page, 0), lay(other, 3)]);
        await Promise.all([safely(page), safely(other)]);
        const places = () => JSON.stringify([...document.querySelectorAll(
            '[data-card="technology"].laid')].map(card =>
            [card.dataset.copy, card.closest("[data-place]").dataset.place]));
        const seen = await page.evaluate(places);
        await other.waitForFunction(`(${places})() === ${JSON.stringify(seen)}`);
        await other.context().close();
    });

    it("a note is tied to a card by one tap and shows at the rapporteur's", async () => {
        const rapporteur = await openTable(browser, room.rapporteurs[0]);
        await page.locator("#tab-notes").click();
        await page.getByRole("button", { name: "ronde 1" }).click();
        const field = page.locator('[data-question="advice"] textarea').last();
        await field.fill("geef mensen tijd");
        await page.locator('.small-board [data-card="health"]').first().click();
        await page.locator('[data-question="advice"] .tied', { hasText: "gezondheid" }).waitFor();
        await page.locator('[data-question="advice"] .toggle', { hasText: "Citaat" }).first()
            .click();
        await safely(page);
        await rapporteur.locator("#tab-notes").click();
        await rapporteur.getByRole("button", { name: "ronde 1" }).click();
        await rapporteur.locator('[data-question="advice"] .note.quote .tied').waitFor();
        const text = rapporteur.locator('[data-question="advice"] textarea').first();
        assert.equal(await text.inputValue(), "geef mensen tijd");
        assert.deepEqual(rapporteur.errors, []);
        await rapporteur.context().close();
    });

    it("what is typed outlives the tab in mid-word", async () => {
        await page.locator('[data-question="observation"] textarea').last().fill("half gezeg");
        await page.reload();
        await page.locator("#tab-notes").click();
        await page.getByRole("button", { name: "ronde 1" }).click();
        await page.waitForFunction(() => [...document.querySelectorAll(
            '[data-question="observation"] textarea')].some(field => field.value === "half gezeg"));
        await safely(page);
        await page.waitForFunction(() => !Object.keys(localStorage).some(key =>
            key.startsWith("fluit-draft")));
    });

    it("reads a paper board from a few letters a card", async () => {
        await page.locator("#tab-paper").click();
        await page.locator("#paper-line").fill("actu b2 niemand vroeg ernaar");
        await page.locator(".paper-shows", { hasText: "belemmert, in grote mate" }).waitFor();
        await page.keyboard.press("Enter");
        await page.locator('.small-board [data-card="current-affairs"] .why',
            { hasText: "niemand vroeg ernaar" }).waitFor();
        await page.locator("#paper-line").fill("loopb groeide door");
        await page.keyboard.press("Enter");
        await page.locator('.small-board [data-card="yield-career"]').waitFor();
    });

    it("shows hostile text as text, everywhere", async () => {
        await page.locator("#paper-line").fill(`"${HOSTILE}" s1 ${HOSTILE}`);
        await page.keyboard.press("Enter");
        await page.locator(".small-board .why", { hasText: "<img" }).waitFor();
        room.hub.type(`message ${HOSTILE}`);
        await page.locator(".message", { hasText: "<img" }).waitFor();
        await page.locator("#tab-notes").click();
        await page.getByRole("button", { name: "ronde 1" }).click();
        await page.locator('[data-question="choose"] textarea').last().fill(HOSTILE);
        await toBoard(page);
        await page.locator(".card .name", { hasText: "<img" }).first().click();
        await page.locator("#why").waitFor();
        assert.match(await page.locator("#panel-title").textContent(), /<img/);
        assert.equal(await page.locator("#page img").count(), 0);
        assert.equal(await page.evaluate(() => window.hit), undefined);
        await page.locator(".panel .close").click();
        assert.deepEqual(page.errors, []);
    });
});

describe("a photo of the paper board", () => {
    it("is made small, loses where it was taken, and stands with its mark", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const page = await openTable(browser, room.tables[0]);
            await toBoard(page);
            const sent = [];
            page.on("request", request => {
                const what = request.method() === "POST" ? request.postDataJSON() : {};
                if (what.do === "photo" && !sent.some(({ part }) => part === what.part))
                    sent.push(what);
            });
            const drawn = await page.evaluate(async () => {
                const canvas = document.createElement("canvas");
                canvas.width = 2400;
                canvas.height = 1800;
                const pen = canvas.getContext("2d");
                for (let i = 0; i < 4000; i++) {
                    pen.fillStyle = `hsl(${i * 37 % 360} 70% 50%)`;
                    pen.fillRect(i * 71 % 2400, i * 53 % 1800, 60, 40);
                }
                const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.95));
                return [...new Uint8Array(await blob.arrayBuffer())];
            });
            const place = Buffer.from("Exif\0\0GPS 52.0907 5.1214");
            const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0, place.length + 2]), place]);
            const bytes = Buffer.from(drawn);
            await page.locator('.photos input[type="file"]').setInputFiles({ name: "board.jpg",
                mimeType: "image/jpeg",
                buffer: Buffer.concat([bytes.subarray(0, 2), exif, bytes.subarray(2)]) });
            await page.locator(".photo-here .mark").waitFor();
            assert.equal(await page.locator(".photo-going").count(), 0);
            await page.locator(".photo-here").click();
            const picture = page.locator(".picture img");
            await picture.waitFor();
            assert.equal(await picture.evaluate(async image => {
                await image.decode();
                return image.naturalWidth;
            }), 1600);
            const jpeg = Buffer.concat(sent.sort((x, y) => x.part - y.part)
                .map(({ data }) => Buffer.from(data, "base64")));
            assert.equal(jpeg.readUInt16BE(0), 0xffd8);
            assert.equal(jpeg.includes("GPS"), false);
            assert.ok(jpeg.length <= 500000);
            await page.locator(".picture button").last().click();
            await page.locator(".photo-here").waitFor({ state: "detached" });
            assert.deepEqual(page.errors, []);
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("the whistle", () => {
    it("is checked, set in the audio clock ahead of time, and never sounds twice", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const page = await openPage(browser, await room.tables[0].link());
            await page.context().addInitScript(() => {
                window.blasts = [];
                const start = OscillatorNode.prototype.start;
                OscillatorNode.prototype.start = function (when) {
                    if (this.frequency.value < 100) // the pea: one a blast
                        window.blasts.push({ when, ahead: when - this.context.currentTime });
                    return start.call(this, when);
                };
            });
            await page.reload();
            await page.getByRole("button", { name: "Laat de fluit horen" }).click();
            await page.waitForFunction(() => window.blasts.length === 1);
            await page.getByRole("button", { name: "Ja, gehoord" }).click();
            await page.locator("dialog").waitFor({ state: "detached" });
            await page.locator(".sound.on").waitFor();
            await safely(page);
            for (let i = 0; i < 6; i++)
                room.hub.type("next");
            await page.locator("h1", { hasText: "ronde 1" }).waitFor();
            room.hub.type("start");
            // One blast at the start, and the three of the end, a quarter of an hour later.
            await page.waitForFunction(() => window.blasts.length >= 5);
            const [, start, end] = await page.evaluate(() =>
                window.blasts.sort((one, other) => one.when - other.when));
            assert.ok(start.ahead > 1 && start.ahead < 3.5, `${start.ahead} s ahead`);
            assert.ok(Math.abs(end.when - start.when - 900) < 0.05, `${end.when - start.when} s`);
            await page.locator(".whistle-flash.start").waitFor();
            await page.reload();
            await page.locator(".timer.running").waitFor();
            await page.mouse.click(640, 20);
            await page.waitForFunction(() => window.blasts.length === 3);
            assert.ok(await page.evaluate(() => window.blasts.every(({ ahead }) => ahead > 800)));
            assert.deepEqual(page.errors, []);
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("two people write one note at one time", () => {
    it("keeps both, and a person settles it", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const one = await openTable(browser, room.tables[0]);
            const other = await openTable(browser, room.tables[0]);
            const field = page => page.locator('[data-question="advice"] textarea').first();
            for (const page of [one, other]) {
                await page.locator("#tab-notes").click();
                await page.getByRole("button", { name: "ronde 1" }).click();
            }
            await field(one).fill("geef tijd");
            await field(one).blur();
            await other.waitForFunction(() => document.querySelector(
                '[data-question="advice"] textarea').value === "geef tijd");
            await one.context().setOffline(true);
            await field(one).fill("geef mensen tijd");
            await field(other).fill("geef tijd en geld");
            await field(other).blur();
            await safely(other);
            await one.context().setOffline(false);
            await other.locator(".versions").waitFor();
            const texts = await other.locator(".version blockquote").allTextContents();
            assert.deepEqual(texts.sort(), ["geef mensen tijd", "geef tijd en geld"]);
            await other.locator(".versions > button").click();
            await other.locator(".versions").waitFor({ state: "detached" });
            await one.locator(".versions").waitFor({ state: "detached" });
            assert.match(await field(other).inputValue(), /geef mensen tijd/);
            assert.match(await field(other).inputValue(), /geef tijd en geld/);
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("the question of the moment", () => {
    it("walks with the suggested minutes, nudges first, and waits for who stays", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const page = await openTable(browser, room.tables[0]);
            const walked = await page.evaluate(async () => {
                const { questions } = await import("/app.js");
                const { isTimeToGoOn, runUs, walk } = await questions();
                const suggested = [60e6, 60e6, 240e6], begin = { index: 0, since: 0, stay: false };
                const step = { duration_us: 900e6 };
                return {
                    atFirst: walk(begin, 59e6, suggested).index,
                    nudged: [walk(begin, 61e6, suggested).index,
                        isTimeToGoOn(begin, 61e6, suggested)],
                    after: walk(begin, 81e6, suggested),
                    late: walk(begin, 500e6, suggested).index,
                    stays: walk({ ...begin, stay: true }, 500e6, suggested).index,
                    paused: runUs({ state: "paused", left_us: 800e6, end_us: 0 }, step, 7e9),
                    running: runUs({ state: "running", left_us: 0, end_us: 5e9 }, step, 4.5e9),
                    extended: runUs({ state: "running", left_us: 0, start_us: 1e9, end_us: 2.2e9 },
                        step, 1.1e9),
                };
            });
            assert.deepEqual(walked, {
                atFirst: 0, nudged: [0, true], after: { index: 1, since: 60e6, stay: false },
                late: 2, stays: 0, paused: 100e6, running: 400e6,
                extended: 100e6,
            });
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("a poll", () => {
    it("takes an answer a seat, and is handed on", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const page = await openTable(browser, room.tables[0]);
            room.hub.type("next");
            room.hub.type("next");
            await page.locator(".answer .seats").waitFor();
            await page.locator(".option").nth(1).click();
            await page.locator(".seats button[aria-pressed=true]", { hasText: "plek 2" }).waitFor();
            await page.locator(".option").nth(0).click();
            await page.locator(".seats button", { hasText: "plek 1" }).click();
            await page.locator(".option[aria-pressed=true] .mark").waitFor();
            await page.locator(".option[aria-pressed=true]", { hasText: "voor een deel" })
                .waitFor();
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("a finger", () => {
    it("drags a card on a tablet, and on a phone after a moment's hold", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            for (const [card, width, height] of [["health", 1180, 820], ["finances", 390, 844]]) {
                const page = await openTable(browser, room.tables[0],
                    { width, height, hasTouch: true, isMobile: width < 500 });
                await toBoard(page);
                const cdp = await page.context().newCDPSession(page);
                const touch = (type, at) => cdp.send("Input.dispatchTouchEvent",
                    { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
                const target = page.locator('[data-place="aside"]');
                await target.evaluate(place => place.scrollIntoView());
                await touch("touchStart", await middle(inHand(page, card)));
                if (width < 500)
                    await page.locator(".ghost").waitFor();
                const to = await middle(target);
                await touch("touchMove", to);
                await touch("touchMove", [to[0] + 1, to[1]]);
                await page.locator('[data-place="aside"].over').waitFor();
                await touch("touchEnd");
                await laid(page, card, "aside");
                await safely(page);
                await page.context().close();
            }
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("when the node is gone", () => {
    it("goes on, keeps it over a reload, and sends it when the node is back", async () => {
        const room = await Room.open({ tables: 1 }), browser = await launch();
        try {
            const node = room.tables[0], page = await openTable(browser, node);
            await toBoard(page);
            await node.kill("SIGKILL");
            await page.locator(".line-state").waitFor();
            await inHand(page, "health").click();
            await page.locator(".side-panel .move").nth(3).click();
            await laid(page, "health", "hinders/2");
            await page.locator("[data-standing=onlyHere]").waitFor();
            await page.locator('[data-card="health"].laid .mark.onlyHere').waitFor();
            node.start();
            await node.line(/^ready/);
            const link = await node.link();
            if (await page.locator(".line-state.bad").count() > 0)
                await page.goto(link);
            await page.locator("[data-standing=safe], [data-standing=safeAt]").waitFor();
            await toBoard(page);
            await laid(page, "health", "hinders/2");
            assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)
                .filter(name => name.startsWith("fluit-unsent/"))), []);
        } finally {
            await browser.close();
            await room.close();
        }
    });
});

describe("for everyone", () => {
    it("axe finds nothing, in both languages", async () => {
        const room = await Room.open({ tables: 1, rapporteurs: 1 }), browser = await launch();
        const check = async (page, what) => {
            await page.addScriptTag({ path: axePath });
            const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
                "best-practice"];
            const found = await page.evaluate(async rules => (await axe.run({ runOnly: rules }))
                .violations.map(one => [one.id, one.nodes.map(node => node.html)]), runOnly);
            assert.deepEqual([what, found], [what, []]);
        };
        try {
            room.tables[0].type("place health hinders 2");
            room.tables[0].type("place yield-career yields");
            room.tables[0].type("link health finances costs");
            room.tables[0].type("note @advice give them time");
            for (const locale of ["nl-NL", "en-GB"]) {
                const open = node => node.link().then(link =>
                    openPage(browser, link, { locale, bypassCSP: true }));
                const page = await open(room.tables[0]);
                await page.locator("dialog[open]").waitFor();
                await check(page, `${locale} sound check`);
                await page.getByRole("button", { name: /^Later$/ }).click();
                for (const tab of ["now", "board", "notes", "paper"]) {
                    await page.locator(`#tab-${tab}`).click();
                    await check(page, `${locale} ${tab}`);
                }
                await page.locator("#tab-board").click();
                await page.locator('[data-card="health"].laid').click();
                await page.locator(".panel").waitFor();
                await check(page, `${locale} card`);
                const rapporteur = await open(room.rapporteurs[0]);
                await rapporteur.getByRole("button", { name: /^Later$/ }).click();
                await check(rapporteur, `${locale} rapporteur`);
                await page.context().close();
                await rapporteur.context().close();
            }
        } finally {
            await browser.close();
            await room.close();
        }
    });
});
