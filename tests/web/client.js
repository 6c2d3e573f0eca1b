// A node's page without a browser: its session, its views and its requests.
import http from "node:http";
import net from "node:net";

// Sends raw bytes to a port of this machine; ends is all that came back until the node closed.
export function raw(port, bytes) {
    const socket = net.connect(port, "127.0.0.1");
    const chunks = [];
    socket.on("data", chunk => chunks.push(chunk));
    socket.on("error", () => {}); // a reset ends it as well
    socket.write(bytes);
    return {
        socket,
        ends: new Promise(resolve =>
            socket.once("close", () => resolve(Buffer.concat(chunks).toString()))),
    };
}

export class Client {
    constructor(link) {
        const url = new URL(link);
        this.port = Number(url.port);
        this.host = url.host;
        this.key = new URLSearchParams(url.hash.slice(1)).get("k");
    }

    static async open(link) {
        const client = new Client(link);
        const answer = await client.call("POST", "/api/session", { key: client.key });
        client.token = JSON.parse(answer.body).token;
        return client;
    }

    get headers() {
        return { Host: this.host, ...this.token && { Authorization: `Bearer ${this.token}` } };
    }

    // {status, body}
    call(method, path, json, headers = {}) {
        const body = json === undefined ? null : JSON.stringify(json);
        return new Promise((resolve, reject) => {
            const request = http.request({
                port: this.port, host: "127.0.0.1", method, path, agent: false,
                headers: { ...this.headers, ...body !== null && {
                    "Content-Type": "application/json",
                    "Content-Length": Buffer.byteLength(body),
                }, ...headers },
            }, answer => {
                const chunks = [];
                answer.on("data", chunk => chunks.push(chunk));
                answer.on("end", () => resolve({
                    status: answer.statusCode, body: Buffer.concat(chunks).toString(),
                    headers: answer.headers,
                }));
            });
            request.on("error", reject);
            request.end(body);
        });
    }

    // Asks the node for something; its answer.
    async do(request) {
        const answer = await this.call("POST", "/api/do", request);
        if (answer.status !== 200)
            throw new Error(`${answer.status} ${answer.body}`);
        return JSON.parse(answer.body);
    }

    async script() {
        return JSON.parse((await this.call("GET", "/api/script")).body);
    }

    // Opens the stream of views.
    watch(lastId) {
        return new Views(this, lastId);
    }
}

// The stream of views, as a page reads it.
export class Views {
    #waiting = [];
    #rest = "";

    constructor(client, lastId) {
        this.view = null;
        this.id = "";
        this.count = 0; // views that came
        this.request = http.request({
            port: client.port, host: "127.0.0.1", path: "/api/events", agent: false,
            headers: { ...client.headers, ...lastId && { "Last-Event-ID": lastId } },
        });
        this.opened = new Promise((resolve, reject) => {
            this.request.on("response", answer => {
                this.status = answer.statusCode;
                this.socket = answer.socket;
                this.answer = answer;
                answer.setEncoding("utf8");
                answer.on("data", text => this.#take(text));
                answer.on("error", () => {});
                resolve(this);
            });
            this.request.on("error", reject);
        });
        this.ended = new Promise(resolve => this.request.once("close", resolve));
        this.request.end();
    }

    #take(text) {
        const blocks = (this.#rest + text).split("\n\n");
        this.#rest = blocks.pop();
        for (const block of blocks) {
            const data = block.match(/^data: (.*)$/m);
            if (!data)
                continue;
            this.id = block.match(/^id: (.*)$/m)[1];
            this.view = JSON.parse(data[1]);
            this.count++;
            this.#waiting = this.#waiting.filter(wait => !wait(this.view));
        }
    }

    // The first view, this one or one to come, of which is true.
    until(is, ms = 20000) {
        if (this.view && is(this.view))
            return Promise.resolve(this.view);
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`no such view: ${is}\n` +
                JSON.stringify(this.view))), ms);
            this.#waiting.push(view => {
                if (!is(view))
                    return false;
                clearTimeout(timer);
                resolve(view);
                return true;
            });
        });
    }

    close() {
        this.request.destroy();
    }
}
