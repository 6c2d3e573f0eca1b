// pages.js [RUNS]: what people at the pages wait for; FLUIT names the program. Prints a JSON line
// [measure, target or null, figure, spread] for each; pages.py asks for them.
//
// Drop to projector: from before a table's page would send its request, to the callback of the
// projector's window after it has drawn the change, both by this process's one clock; it includes
// Chromium's message to here. The other tables write notes and every table has a page open.
import { readFileSync } from "node:fs";
import { launch, openPage } from "../web/browser.js";
import { Client } from "../web/client.js";
import { fill, order } from "../web/fill.js";
import { Room } from "../web/room.js";

const TABLES = 12, PAGES = 5, WAIT_MS = 150, NOTE_GAP_MS = 2000;
const runs = Number(process.argv[2] ?? 5);

const now = () => performance.now();
const rest = ms => new Promise(resolve => setTimeout(resolve, ms));

function quantile(values, q) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

function tell(what, target, values, q, digits = 0) {
    const [least, middle, most] = [0, 0.5, 1].map(at => quantile(values, at).toFixed(digits));
    console.log(JSON.stringify([what, target, Number(quantile(values, q).toFixed(2)),
        `min ${least}, median ${middle}, max ${most}, ${values.length} times`]));
}

// The window tells of each change of its board, once it is drawn.
function tellChanges(tell_) {
    const draw = () => requestAnimationFrame(() => window[tell_]());
    new MutationObserver(draw).observe(document.querySelector(".board"),
        { subtree: true, childList: true, characterData: true });
}

async function dropToProjector(browser, room, clients) {
    const window_ = await openPage(browser, await room.hub.link("page projector"),
        { width: 1920, height: 1080 });
    await window_.locator(".board table").first().waitFor();
    let seen = () => {};
    await window_.exposeFunction("changed", () => seen());
    await window_.evaluate(tellChanges, "changed");

    let on = true;
    const writers = clients.slice(1).map(async (client, i) => {
        await rest(NOTE_GAP_MS * i / clients.length);
        for (let n = 0; on; n++) {
            await client.do({ do: "note", question: "advice", text: `note ${n}` });
            await rest(NOTE_GAP_MS);
        }
    });
    const took = [];
    for (let i = 0; i < 40 * runs; i++) {
        const drawn = new Promise(resolve => { seen = resolve; }), began = now();
        await clients[0].do({ do: "place", card: "experimenting",
            zone: i % 2 ? "hinders" : "stimulates", degree: 1 + (i >> 1) % 2 });
        await drawn;
        took.push(now() - began);
        await rest(Math.random() * WAIT_MS);
    }
    on = false;
    await Promise.all(writers);
    await window_.context().close();
    tell("drop to projector p50 ms", null, took, 0.5);
    tell("drop to projector p99 ms", 150, took, 0.99);
}

// In the page: when, after its navigation began, the frame is on the screen that first has what the
// selector says. The page's own clock, so that it is not this process which is measured.
function tellDrawn(selector) {
    const shown = then => requestAnimationFrame(() => setTimeout(then));
    window.drawn = new Promise(resolve => {
        const look = () => {
            if (!document.querySelector(selector))
                return;
            watcher.disconnect();
            shown(() => resolve(performance.now()));
        };
        const watcher = new MutationObserver(look);
        watcher.observe(document, { subtree: true, childList: true });
        look();
    });
}

// A page that was never there: everything comes from the node.
async function firstLoad(browser, name, link, drawn, target = 200) {
    const took = [], sizes = [];
    for (let i = 0; i < 2 * runs; i++) {
        const context = await browser.newContext({ locale: "nl-NL" });
        const page = await context.newPage();
        const wire = await context.newCDPSession(page), open = new Map();
        let bytes = 0;
        await wire.send("Network.enable");
        wire.on("Network.dataReceived", event =>
            open.set(event.requestId, (open.get(event.requestId) ?? 0) + event.dataLength));
        wire.on("Network.loadingFinished", event => {
            open.delete(event.requestId);
            bytes += event.encodedDataLength;
        });
        await page.addInitScript(tellDrawn, drawn);
        await page.goto(await link());
        took.push(await page.evaluate(() => window.drawn));
        await page.waitForLoadState("load");
        sizes.push((bytes + [...open.values()].reduce((a, b) => a + b, 0)) / 1000);
        await context.close();
    }
    tell(`${name}: first load ms`, target, took, 0.5);
    tell(`${name}: first load kB`, target && 150, sizes, 1);
}

function residentMb(node) {
    const status = readFileSync(`/proc/${node.process.pid}/status`, "ascii");
    return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

async function memory(room, clients) {
    const pages = await Promise.all(Array.from({ length: PAGES }, () =>
        clients[0].watch().opened));
    for (let i = 0; i < 20; i++)
        await clients[0].do({ do: "place", card: "economy", zone: "hinders", degree: 1 + i % 2 });
    await Promise.all(pages.map(page => page.until(view => view.board.cards.length > 0)));
    tell(`table with ${PAGES} pages MB`, 16, [residentMb(room.tables[0])], 1, 1);
    tell("other tables with a page MB", 16, room.tables.slice(1).map(residentMb), 1, 1);
    tell("hub MB", null, [residentMb(room.hub)], 1, 1);
}

const room = await Room.open({ tables: TABLES });
const browser = await launch();
try {
    await fill(room, { rounds: 1 });
    await order(room, "next", /^step .*: ready/);
    await order(room, "next", /^step .*: ready/);
    await order(room, "start", /^whistle start/);
    const links = await Promise.all(room.tables.map(node => node.link()));
    const clients = await Promise.all(links.map(link => Client.open(link)));
    const pages = await Promise.all(clients.map(client => client.watch().opened));
    for (const client of clients)
        await client.do({ do: "next_board" });
    await dropToProjector(browser, room, clients);
    await memory(room, clients);
    for (const page of pages)
        page.close();
    const picture = async () => new URL("/whistle.svg", await room.tables[1].link()).href;
    await firstLoad(browser, "nothing but a picture", picture, "svg", null); // the browser's share
    await firstLoad(browser, "table", () => room.tables[1].link(), "#page main");
    await firstLoad(browser, "hub", () => room.hub.link(), "#page main");
    await firstLoad(browser, "projector", () => room.hub.link("page projector"), ".board table");
} finally {
    await browser.close();
    await room.close();
}
