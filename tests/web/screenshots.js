// screenshots.js DIR [PART]: pictures of each page (whose names contain PART) in DIR, each a
// NAME-LANGUAGE-SIZE.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, openPage } from "./browser.js";
import { fill, fillRound, order, settled } from "./fill.js";
import { Room } from "./room.js";

const SIZES = [[1280, 800], [1920, 1080], [390, 844]];
const LANGUAGES = [["nl", "nl-NL"], ["en", "en-GB"]];
const TABLES = 12;

const [dir, part = ""] = process.argv.slice(2);
if (!dir) {
    console.error("usage: screenshots.js DIR [PART]");
    process.exit(2);
}
mkdirSync(dir, { recursive: true });

// act: what a person does there before the picture.
async function shoot(browser, name, link, act = async () => {}) {
    if (!name.includes(part))
        return;
    const pages = [];
    for (const [language, locale] of LANGUAGES)
        for (const [width, height] of SIZES) {
            const page = await openPage(browser, await link(), { width, height, locale,
                timezoneId: "Europe/Amsterdam", reducedMotion: "reduce",
                hasTouch: width < 600, isMobile: width < 600 });
            await page.locator("main").waitFor();
            page.path = join(dir, `${name}-${language}-${width}x${height}.png`);
            pages.push(page);
        }
    for (const page of pages) {
        await act(page);
        await page.locator(".whistle-flash").waitFor({ state: "detached" });
        await page.screenshot({ path: page.path, animations: "disabled" });
        console.log(page.path);
        for (const error of page.errors)
            console.error(`${page.path}: ${error}`);
        await page.context().close();
    }
}

const room = await Room.open({ tables: TABLES, rapporteurs: 1 });
const browser = await launch();
const table = () => room.tables[0].link(), hub = () => room.hub.link();
// Each link opens once, and a home page prints one.
async function home() {
    const node = room.node(["home", "--folder", join(room.dir, `home-${room.nodes.length}`),
        "--no-browser", "--hub-port", "0"]);
    return (await node.line(/^page: (http\S+)/))[1];
}
const rapporteur = () => room.rapporteurs[0].link();
const projector = () => room.hub.link("page projector");
// At a table, once the sound check is put off and the facilitator's message read.
const atTable = act => async page => {
    await page.getByRole("button", { name: "Later" }).click();
    await page.getByRole("button", { name: /^(Gelezen|Read)$/ }).click();
    await act(page);
};
const tab = name => page => page.locator(`#tab-${name}`).click();
const hubTab = at => page => page.getByRole("tab").nth(at).click();
// The window's own tools go when nobody moves the mouse.
const show = key => async page => {
    await page.keyboard.press(key);
    await page.locator(".tools:not(.awake)").waitFor({ state: "attached" });
};

try {
    await shoot(browser, "home", home);
    await shoot(browser, "home-make", home, page => page.locator(".door.primary").click());
    await fill(room, { rounds: 1 });
    await shoot(browser, "projector-polls", projector, show("5"));
    await order(room, "next", /^step .*: ready/);
    await order(room, "next", /^step .*: ready/);
    await order(room, "start", /^whistle start/);
    await fillRound(room, 2);
    await order(room, "message over vijf minuten verzamelen", /^sent/);
    await Promise.all(room.tables.map(settled));
    const roles = ["interviewer", "respondent-1", "respondent-2", "rapporteur", "observant"];
    roles.forEach((role, i) => room.tables[0].type(`role ${role} ${i + 1}`));
    await settled(room.tables[0]);
    await shoot(browser, "table-sound", table);
    await shoot(browser, "table", table, atTable(async page => {
        await page.locator(".laid .why").first().click();
        await page.locator(".panel").waitFor();
    }));
    await shoot(browser, "table-notes", table, atTable(tab("notes")));
    await shoot(browser, "table-paper", table, atTable(tab("paper")));
    await shoot(browser, "rapporteur", rapporteur, atTable(async () => {}));
    await shoot(browser, "facilitator", hub);
    await shoot(browser, "facilitator-codes", hub, hubTab(2));
    await shoot(browser, "projector-step", projector, show("1"));
    await shoot(browser, "projector-board", projector, show("2"));

    await order(room, "end", /^step .*: ended/);
    await order(room, "next", /^step .*: ready/);
    await order(room, "quotes", /^ +12 /);
    for (const number of [1, 4, 6, 9, 12])
        await order(room, `release ${number}`, /^released/);
    await shoot(browser, "facilitator-words", hub, hubTab(1));
    await shoot(browser, "table-now", table, atTable(tab("now")));
    await shoot(browser, "projector-rounds", projector, show("3"));
    await shoot(browser, "projector-agreed", projector, show("4"));
    await shoot(browser, "projector-words", projector, show("6"));
} finally {
    await browser.close();
    await room.close();
}
