// Phones: a page over the network, through this machine's own address, with all that goes over it
// recorded: what a listener on the Wi-Fi would have.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.js";
import { Client } from "./client.js";
import { Room } from "./room.js";

const WORD = "zeldzaamwoordvanhier"; // is in no file of the page

let room, table, client, views, air, browser;

// A proxy for the browser that keeps every byte, both ways.
class Air {
    heard = [];
    asks = []; // {method, path, headers, body}
    lies = 0; // so many requests are refused, not by the node

    static async open() {
        const air = new Air();
        air.server = http.createServer((request, answer) => air.#pass(request, answer));
        air.server.on("connect", (request, socket) => air.#tunnel(request, socket));
        await new Promise(resolve => air.server.listen(0, "127.0.0.1", resolve));
        air.url = `http://127.0.0.1:${air.server.address().port}`;
        return air;
    }

    #pass(request, answer) {
        const to = new URL(request.url), body = [];
        if (this.lies > 0 && to.pathname === "/api/do") {
            this.lies--;
            request.resume().on("end", () => answer.writeHead(403).end("no\n"));
            return;
        }
        const ask = { method: request.method, to, headers: request.headers };
        this.asks.push(ask);
        this.heard.push(Buffer.from(request.method + request.url + request.rawHeaders.join("\n")));
        const onward = http.request(to, { method: request.method, headers: request.headers },
            back => {
                this.heard.push(Buffer.from(back.rawHeaders.join("\n")));
                answer.writeHead(back.statusCode, back.rawHeaders);
                back.on("data", chunk => {
                    if (ask.to.pathname.startsWith("/api/"))
                        this.heard.push(chunk);
                    answer.write(chunk);
                });
                back.on("end", () => answer.end());
                back.on("error", () => answer.destroy());
            });
        request.on("data", chunk => {
            this.heard.push(chunk);
            body.push(chunk);
            onward.write(chunk);
        });
        request.on("end", () => {
            ask.body = Buffer.concat(body);
            onward.end();
        });
        onward.on("error", () => answer.destroy());
        answer.on("close", () => onward.destroy());
    }

    // TLS goes through as it is.
    #tunnel(request, socket) {
        const [host, port] = request.url.split(":"), onward = net.connect(port, host, () => {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            socket.pipe(onward).pipe(socket);
        });
        for (const end of [socket, onward])
            end.on("data", chunk => this.heard.push(chunk)).on("error", () => socket.destroy());
    }

    get text() {
        return Buffer.concat(this.heard).toString("latin1");
    }

    close() {
        this.server.closeAllConnections();
        this.server.close();
    }
}

// What a page says to its node, by the page's own modules.
function ask(page, what) {
    return page.evaluate(async said => (await import("/link.js")).ask(said), what);
}

function viewOf(page) {
    return page.evaluate(async () => (await import("/link.js")).view.value);
}

function untilLaid(page, card) {
    return page.evaluate(async id => {
        const { view } = await import("/link.js");
        const isLaid = ({ id: laid, at }) => laid === id && at !== "hand";
        while (!view.value?.board?.cards.some(isLaid))
            await new Promise(resolve => setTimeout(resolve, 20));
    }, card);
}

function untilRefused(page) {
    return page.evaluate(async () => {
        const { lineState } = await import("/link.js");
        while (lineState.value !== "refused")
            await new Promise(resolve => setTimeout(resolve, 20));
    });
}

async function phonesLink(node, line = "page phones") {
    const answer = node.line(/^phones: (http\S+)/, { fromNow: true });
    node.type(line);
    return (await answer)[1];
}

before(async () => {
    room = await Room.open({ tables: 1, args: ["--phones"] });
    [table] = room.tables;
    client = await Client.open(await table.link());
    views = await client.watch().opened;
    air = await Air.open();
    browser = await launch({ proxy: { server: air.url } });
});
after(async () => {
    views.close();
    await browser.close();
    air.close();
    await room.close();
});

test("a phone sees the table, and what it does is seen there", async () => {
    const link = await phonesLink(table);
    assert.doesNotMatch(link, /127\.0\.0\.1|localhost/);
    assert.equal(JSON.parse((await client.call("GET", "/api/phones")).body).url, link);
    await client.do({ do: "place", card: "health", zone: "hinders", degree: 2 });
    await client.do({ do: "why", card: "health", text: WORD });

    const phone = await openPage(browser, link, { width: 390, height: 844, hasTouch: true });
    await untilLaid(phone, "health");
    assert.match(JSON.stringify(await viewOf(phone)), new RegExp(WORD));
    assert.equal(new URL(phone.url()).hash, "");
    const answer = await ask(phone, { do: "place", card: "finances", zone: "hinders", degree: 1 });
    assert.equal(answer.ok, true);
    assert.equal((await ask(phone, { do: "why", card: "finances", text: WORD + "2" })).ok, true);
    await views.until(view => view.board.cards.some(({ why }) => why === "zeldzaamwoordvanhier2"));
    assert.equal((await ask(phone, { do: "place", card: "nonsense", zone: "hinders" })).ok, false);

    // Loaded anew, it goes on.
    await phone.reload();
    await untilLaid(phone, "finances");
    assert.deepEqual(phone.errors, []);
});

test("over the air there is no word, no card and no key", async () => {
    const link = new URL(await phonesLink(table)), key = link.hash.slice(3);
    const text = air.text;
    assert.ok(air.asks.some(({ to }) => to.pathname === "/api/do"));
    assert.ok(air.asks.some(({ to }) => to.pathname === "/api/events"));
    for (const word of [WORD, "health", "finances", "hinders", "place", "board", "workshop", key])
        assert.ok(!text.includes(word), word);
    const api = air.asks.filter(({ to }) => to.pathname.startsWith("/api/"));
    assert.ok(api.every(({ method, headers }) => method === "POST" &&
        headers["content-type"] === "application/octet-stream"));
});

// Sends to the phones' port what was heard.
function again({ to, method, headers, body }) {
    return new Promise((resolve, reject) => {
        const request = http.request(to, { method, headers, agent: false }, answer => {
            const chunks = [];
            answer.on("data", chunk => chunks.push(chunk));
            answer.on("end", () => resolve({ status: answer.statusCode,
                body: Buffer.concat(chunks) }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

test("who listens can't act: what was heard is refused, also after a new start", async () => {
    const heard = air.asks.filter(({ to }) => /^\/api\/(do|events|script)$/.test(to.pathname));
    for (const ask_ of heard)
        assert.equal((await again(ask_)).status, 409);
    const laid = JSON.stringify(views.view.board.cards);
    for (const ask_ of heard) {
        assert.equal((await again({ ...ask_, headers: { ...ask_.headers,
            authorization: "Bearer " + "A".repeat(64) } })).status, 401);
        const other = new URL(ask_.to);
        other.pathname = "/api/do";
        assert.ok([403, 409].includes((await again({ ...ask_, to: other })).status));
    }
    await table.kill();
    table.start();
    await table.line(/^ready/);
    for (const ask_ of heard)
        assert.equal((await again(ask_)).status, 409);
    views.close();
    views = await client.watch().opened; // the token of before
    const view = await views.until(({ board }) => board);
    assert.equal(JSON.stringify(view.board.cards), laid);
});

test("the plain page and its requests are not on the network", async () => {
    const { host } = new URL(await phonesLink(table));
    const to = path => new URL(`http://${host}${path}`);
    const bearer = { authorization: `Bearer ${client.token}` };
    for (const path of ["/api/events", "/api/script", "/api/phones", "/api/session"])
        assert.equal((await again({ to: to(path), method: "GET", headers: bearer })).status, 404);
    const json = { ...bearer, "content-type": "application/json" };
    assert.equal((await again({ to: to("/api/do"), method: "POST", headers: json,
        body: "{}" })).status, 401);
    assert.equal((await again({ to: to("/api/session"), method: "POST", headers: json,
        body: JSON.stringify({ key: "a".repeat(43) }) })).status, 415);
    assert.equal((await again({ to: to("/"), method: "GET",
        headers: { host: `localhost:${to("/").port}` } })).status, 421);
    assert.equal((await again({ to: to("/"), method: "GET",
        headers: { host: `example.org:${to("/").port}` } })).status, 421);
});

test("a phone goes on by itself when its node was killed and started again", async () => {
    const phone = await openPage(browser, await phonesLink(table), { width: 390, height: 844 });
    await untilLaid(phone, "finances");
    await phone.evaluate(() => {
        window.same = true;
    });
    await table.kill();
    const answer = ask(phone, { do: "place", card: "autonomy", zone: "stimulates", degree: 1 });
    table.start();
    assert.equal((await answer).ok, true);
    await untilLaid(phone, "autonomy");
    assert.equal(await phone.evaluate(() => window.same), true); // nobody loaded it anew
    // What is not sealed is not the node's word: the request is kept, and sent again.
    air.lies = 2;
    assert.equal((await ask(phone, { do: "why", card: "autonomy", text: "kept" })).ok, true);
    assert.equal(air.lies, 0);
    await phone.context().close();
});

test("a renewed code shuts out phones that came by the one before", async () => {
    const old = await phonesLink(table);
    const phone = await openPage(browser, old, { width: 390, height: 844 });
    await untilLaid(phone, "finances");
    assert.notEqual(await phonesLink(table, "page new"), old);
    await untilRefused(phone);
    await phone.goto("about:blank");
    await phone.goto(old);
    await untilRefused(phone);
    const fresh = await openPage(browser, await phonesLink(table));
    await untilLaid(fresh, "finances");
    const asked = JSON.parse((await client.call("POST", "/api/phones", { renew: true })).body);
    assert.equal(asked.url, await phonesLink(table));
    await untilRefused(fresh);
});

// With a certificate the browser does not warn of (here: is told not to), all of it goes by TLS.
test("with a certificate the phones' page goes by TLS", async () => {
    const path = name => join(room.dir, name);
    const make = (name, host) => execFileSync("openssl", ["req", "-x509", "-newkey", "ec",
        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
        "-addext", `subjectAltName=${host}`, "-keyout", path(`${name}.key`), "-out",
        path(`${name}.pem`)], { stdio: "ignore" });
    const start = (cert, key) => room.node([...table.args, "--tls-cert", path(cert), "--tls-key",
        path(key)]);
    make("named", "DNS:tafel.example.org");
    make("other", "IP:192.0.2.1");
    writeFileSync(path("empty.pem"), "");
    writeFileSync(path("words.pem"), "nothing of that kind\n");
    await table.kill();
    for (const [cert, key, says] of [
        ["missing.pem", "named.key", /^fluit: no phones: can't read .*missing.pem: No such file/],
        ["named.pem", "other.key", /^fluit: no phones: the key in .* is not that of the cert/],
        ["words.pem", "named.key", /^fluit: no phones: .*words.pem holds no certificate/],
        ["named.pem", "words.pem", /^fluit: no phones: .*words.pem holds no private key/],
        ["empty.pem", "named.key", /^fluit: no phones: .*empty.pem is no PEM file/],
    ]) {
        const node = start(cert, key);
        await node.line(says);
        await node.line(/^page: /); // it goes on without
        await node.kill("SIGTERM");
    }
    const tls = start("other.pem", "other.key");
    const link = (await tls.line(/^phones: (https:\S+)/))[1];
    const phone = await openPage(browser, link, { ignoreHTTPSErrors: true });
    await untilLaid(phone, "finances");
    const answer = await ask(phone, { do: "place", card: "training", zone: "hinders", degree: 1 });
    assert.equal(answer.ok || answer.why.includes("card"), true, answer.why);
    assert.deepEqual(phone.errors, []);
    await phone.context().close();
    await tls.kill("SIGTERM");

    const named = start("named.pem", "named.key");
    const { port, host } = new URL((await named.line(/^phones: (https:\S+)/))[1]);
    assert.equal(host, `tafel.example.org:${port}`);
    const statusAt = (host_, how = {}) => new Promise((resolve, reject) => https.get({ port,
        path: "/", host: "127.0.0.1", headers: { host: host_ }, rejectUnauthorized: false,
        agent: false, ...how }, reply => resolve(reply.resume().statusCode)).on("error", reject));
    assert.equal(await statusAt(host), 200);
    assert.equal(await statusAt(`example.org:${port}`), 421);
    await assert.rejects(statusAt(host, { minVersion: "TLSv1", maxVersion: "TLSv1.1",
        ciphers: "ALL:@SECLEVEL=0" }), /disconnected|alert protocol version/);
    await named.kill("SIGTERM");
    table.start();
    await table.line(/^ready/);
});

test("the table's own page shows the code, and a phone that scans it is in", async () => {
    const page = await openPage(browser, await table.link(), { locale: "en-GB" });
    await page.getByRole("button", { name: "Later" }).click();
    await page.getByRole("button", { name: "Phone" }).click();
    const code = page.getByRole("img", { name: "QR for phones" });
    await code.waitFor();
    await page.getByRole("button", { name: "Make a new code" }).click();
    await page.getByRole("button", { name: "Make a new one" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    await code.waitFor({ state: "detached" });
    assert.deepEqual(page.errors, []);
    const phone = await openPage(browser, await phonesLink(table), { locale: "en-GB" });
    await untilLaid(phone, "finances");
    assert.equal(await phone.getByRole("button", { name: "Phone" }).count(), 0);
    await page.context().close();
    await phone.context().close();
});
