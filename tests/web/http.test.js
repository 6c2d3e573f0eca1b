// A node's door for pages: who is let in, and what many or bad clients cost.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { Client, raw } from "./client.js";
import { Room } from "./room.js";

const CLIENTS = 200;
const CLIENT_KIB_MAX = 64; // resident, for each that is connected: its share of buffers
const TEXT_LEN = 7900;

let room, table, client;

before(async () => {
    room = await Room.open({ tables: 1 });
    [table] = room.tables;
    client = await Client.open(await table.link());
});
after(() => room.close());

function memoryKib() {
    const status = readFileSync(`/proc/${table.process.pid}/status`, "ascii");
    return Number(status.match(/VmRSS:\s+(\d+)/)[1]);
}

// Pages leave; the node sees it at the latest when it next says that it is here.
async function leave(pages) {
    const left = descriptors() - pages.length;
    for (const page of pages)
        page.close();
    await until(() => descriptors() <= left, "the node closes its side");
}

function descriptors() {
    return readdirSync(`/proc/${table.process.pid}/fd`).length;
}

// The far ports of the connections that the node has open, as the kernel tells.
function connections() {
    const OPEN = "01", own = client.port.toString(16).toUpperCase().padStart(4, "0");
    return readFileSync("/proc/net/tcp", "ascii").split("\n").slice(1)
        .map(line => line.trim().split(/\s+/))
        .filter(([, from, , state]) => from === `0100007F:${own}` && state === OPEN)
        .map(([, , to]) => parseInt(to.split(":")[1], 16));
}

async function until(holds, what, ms = 40000) {
    const end = performance.now() + ms;
    while (!await holds()) {
        if (performance.now() > end)
            throw new Error(`waited in vain: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}

// A POST whose headers promise a body that never comes: who waits for it does not answer.
async function statusBeforeBody(headers) {
    const lines = Object.entries({
        Host: client.host,
        Authorization: `Bearer ${client.token}`,
        "Content-Type": "application/json",
        "Content-Length": 100,
        ...headers,
    }).filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await raw(client.port, `POST /api/do HTTP/1.1\r\n${lines.join("")}\r\n`).ends;
    return Number(answer.match(/^HTTP\/1.1 (\d+)/)?.[1]);
}

test("wrong hosts, origins, tokens, types and lengths are refused before the body", async () => {
    const cases = [
        [{ Host: "example.org" }, 421],
        [{ Host: `127.0.0.1:${client.port + 1}` }, 421],
        [{ Host: `127.0.0.1.example.org:${client.port}` }, 421],
        [{ Host: null }, 421],
        [{ Origin: "https://example.org" }, 403],
        [{ Origin: "null" }, 403],
        [{ Origin: `http://localhost.example.org:${client.port}` }, 403],
        [{ Origin: `https://127.0.0.1:${client.port}` }, 403],
        [{ Authorization: null }, 401],
        [{ Authorization: "Bearer " }, 401],
        [{ Authorization: `Bearer ${client.token}x` }, 401],
        [{ Authorization: `Bearer ${client.token.slice(0, -1)}` }, 401],
        [{ Authorization: `Bearer ${"A".repeat(client.token.length)}` }, 401],
        [{ Authorization: `Basic ${client.token}` }, 401],
        [{ Authorization: null, Cookie: `token=${client.token}` }, 401],
        [{ "Content-Type": "text/plain" }, 415],
        [{ "Content-Type": null }, 415],
        [{ "Content-Length": 1 << 20 }, 413],
        [{ "Content-Length": null, "Transfer-Encoding": "chunked" }, 411],
    ];
    for (const [headers, status] of cases)
        assert.equal(await statusBeforeBody(headers), status, JSON.stringify(headers));
});

test("a page is for its own node only", async () => {
    const answer = await client.call("GET", "/");
    assert.equal(answer.status, 200);
    const policy = answer.headers["content-security-policy"];
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
    assert.equal(answer.headers["set-cookie"], undefined);
    assert.equal((await client.call("OPTIONS", "/api/do")).status, 405);
    assert.equal((await client.call("GET", "/../../etc/passwd")).status, 404);
    assert.equal((await client.call("GET", "/api/events", undefined,
        { Authorization: "Bearer x" })).status, 401);
    assert.equal((await client.call("GET", "/api/script", undefined,
        { Authorization: "Bearer x" })).status, 401);
});

test("a link opens the page once", async () => {
    const link = await table.link(), again = new Client(link);
    await Client.open(link);
    assert.equal((await again.call("POST", "/api/session", { key: again.key })).status, 403);
});

test("links that are asked for at once are told apart", async () => {
    const [projector, own] = await Promise.all(
        ["page projector", "page"].map(what => room.hub.link(what)));
    for (const [link, isOwn] of [[projector, false], [own, true]]) {
        const client = await Client.open(link);
        assert.equal((await client.do({ do: "line", line: "status" })).ok, isOwn);
    }
});

test("a projector's window can ask for nothing but the time", async () => {
    const window = await Client.open(await room.hub.link("page projector"));
    for (const what of [{ do: "line", line: "next" }, { do: "quotes" },
        { do: "control", want: "hold" }])
        assert.equal((await window.do(what)).why, "a screen for the room only looks");
    assert.ok((await window.do({ do: "time" })).mesh_us > 0);
});

test(`${CLIENTS} pages cost bounded memory; of too many some wait for others`, async () => {
    const before = memoryKib();
    const pages = await Promise.all(Array.from({ length: CLIENTS }, () => client.watch().opened));
    await client.do({ do: "place", card: "health", zone: "hinders", degree: 2 });
    const isLaid = view => view.board.cards.some(card => card.id === "health");
    await Promise.all(pages.map(page => page.until(isLaid)));
    const grown = memoryKib() - before;
    assert.ok(grown < CLIENTS * CLIENT_KIB_MAX, `${grown} KiB more for ${CLIENTS} pages`);

    let more;
    while ((more = await client.watch().opened).status === 200)
        pages.push(more);
    assert.equal(more.status, 503);
    await leave(pages);
    const back = await client.watch().opened;
    assert.equal(back.status, 200);
    back.close();
});

test("one that does not read is dropped, holds up nobody, and is welcomed back", async () => {
    const good = await client.watch().opened, before = memoryKib();
    const stalled = await client.watch().opened;
    stalled.answer.pause();
    // Views that are long: no kernel's buffer takes all of them.
    const text = "x".repeat(TEXT_LEN);
    for (const card of ["schooling", "finances", "colleagues", "technology", "autonomy"]) {
        await client.do({ do: "place", card, zone: "stimulates", degree: 1 });
        await client.do({ do: "why", card, text });
    }
    const { localPort } = stalled.socket;
    assert.ok(connections().includes(localPort));
    let turn = 0;
    await until(async () => {
        await client.do({ do: "place", card: "economy", zone: "hinders", degree: 1 + turn++ % 2 });
        return !connections().includes(localPort);
    }, "the stalled one is dropped");
    assert.ok(memoryKib() - before < 8192, `${memoryKib() - before} KiB more`);

    await client.do({ do: "place", card: "government", zone: "hinders", degree: 2 });
    const isLaid = view => view.board.cards.some(card => card.id === "government");
    await good.until(isLaid);
    stalled.close();
    const back = await client.watch(stalled.id).opened;
    await back.until(isLaid);
    back.close();
    good.close();
});
