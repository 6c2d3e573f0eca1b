// A room of real nodes on this machine, for tests and screenshots: a hub and tables, each with its
// page, in a directory of their own that goes away with them.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const fluit = process.env.FLUIT ?? join(root, "build-release/node/fluit");

// One process with its console.
export class Node {
    #lines = [];
    #waiting = [];

    constructor(args) {
        this.args = args;
        this.start();
    }

    start() {
        this.#lines = [];
        this.process = spawn(fluit, this.args, { stdio: ["pipe", "pipe", "pipe"] });
        this.ended = new Promise(resolve => this.process.once("close", resolve));
        let rest = "";
        const take = data => {
            const lines = (rest + data).split("\n");
            rest = lines.pop();
            for (const line of lines) {
                this.#lines.push(line);
                this.#waiting = this.#waiting.filter(wait => !wait(line));
            }
        };
        this.process.stdout.on("data", take);
        this.process.stderr.on("data", take);
    }

    get said() {
        return this.#lines.join("\n");
    }

    // The first line, from now or before, that matches; its match.
    line(pattern, { fromNow = false, ms = 20000 } = {}) {
        const before = fromNow ? null : this.#lines.map(l => l.match(pattern)).find(m => m);
        if (before)
            return Promise.resolve(before);
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() =>
                reject(new Error(`no line ${pattern} from ${this.args}:\n${this.said}`)), ms);
            this.#waiting.push(line => {
                const match = line.match(pattern);
                if (match) {
                    clearTimeout(timer);
                    resolve(match);
                }
                return Boolean(match);
            });
        });
    }

    type(line) {
        this.process.stdin.write(`${line}\n`);
    }

    // A new one-time link; what: "page" or "page projector", as its line begins.
    async link(what = "page") {
        const answer = this.line(new RegExp(`^${what}: (http\\S+)`), { fromNow: true });
        this.type(what);
        return (await answer)[1];
    }

    async kill(signal = "SIGKILL") {
        this.process.kill(signal);
        await this.ended;
    }
}

export class Room {
    constructor() {
        this.dir = mkdtempSync(join(tmpdir(), "fluit-room-"));
        this.nodes = [];
    }

    node(args) {
        const node = new Node(args);
        this.nodes.push(node);
        return node;
    }

    // options: {tables, rapporteurs, script, speed, args}
    static async open({ tables = 1, rapporteurs = 0, script = "leren", speed = 1,
        args = [] } = {}) {
        const room = new Room(), path = name => join(room.dir, name);
        execFileSync(fluit, ["new", path("hub"), "--script", script, "--tables", String(tables),
            "--yes"], { stdio: "ignore" });
        const codes = execFileSync(fluit, ["invites", path("hub")]).toString();
        const code = name => codes.match(new RegExp(`${name}\\s+((?:\\w{4}-){3}\\w{4})`))[1];
        const number = i => String(i).padStart(2, "0");
        room.hub = room.node(["hub", path("hub"), "--listen", "127.0.0.1", "--port", "0", "--speed",
            String(speed), ...args]);
        const port = (await room.hub.line(/^listening: door .*:(\d+)/))[1];
        room.hub.args[room.hub.args.indexOf("--port") + 1] = port; // also after a new start
        await room.hub.line(/^ready/);
        const join_ = (kind, i) => room.node([kind, "--code", code(`${kind}-${number(i)}`), "--hub",
            `127.0.0.1:${port}`, "--data", path(`${kind}-${number(i)}`), ...args]);
        room.tables = Array.from({ length: tables }, (_, i) => join_("table", i + 1));
        await Promise.all(room.tables.map(node => node.line(/^ready/)));
        room.rapporteurs = Array.from({ length: rapporteurs }, (_, i) =>
            join_("rapporteur", i + 1));
        await Promise.all(room.rapporteurs.map(node => node.line(/^ready/)));
        return room;
    }

    async close() {
        await Promise.all(this.nodes.map(node => node.kill("SIGTERM")));
        rmSync(this.dir, { recursive: true, force: true });
    }
}
