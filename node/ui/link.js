// The page's line to its node: views come down, requests go up. node/view/API.md says what they
// hold.
import { Store } from "/store.js";

const TOKEN = "fluit-token";
const UNSENT = "fluit-unsent"; // what a tab that is loaded anew still has to send
const QUIET_MS = 12000; // no beat for that long: the line is dead, though nobody said so
const RETRY_MS = 1000;

// "opening", "open", "broken" (the node does not answer; tried again) or "refused" (a new link is
// needed).
export const lineState = new Store("opening");
export const view = new Store(null);
export const script = new Store(null);
// Requests that are not answered yet: kept, and sent again until they are.
export const unsent = new Store([]);
// Those, and what is on the node's disk but in no view yet: {key, what, seq}, seq 0 until answered.
// A page that shows the view with these laid over it shows at once what was done.
export const pending = new Store([]);

let token = null;
let lastId = "";

function refused() {
    sessionStorage.removeItem(TOKEN);
    token = null;
    lineState.value = "refused";
}

// The key of a printed link opens it once; the tab keeps what it got for it.
async function openSession() {
    const key = new URLSearchParams(location.hash.slice(1)).get("k");
    token = sessionStorage.getItem(TOKEN);
    if (key) {
        history.replaceState(null, "", location.pathname);
        const answer = await fetch("/api/session", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ key }),
        });
        if (answer.ok) {
            token = (await answer.json()).token;
            sessionStorage.setItem(TOKEN, token);
        }
    }
    return token !== null;
}

function keepUnsent() {
    const workshop = view.value?.workshop;
    if (!workshop || restored !== workshop)
        return;
    const list = unsent.value.map(({ key, what }) => ({ key, what }));
    try {
        if (list.length > 0)
            sessionStorage.setItem(UNSENT, JSON.stringify({ workshop, list }));
        else
            sessionStorage.removeItem(UNSENT);
    } catch {
        // no room for it: it is kept as long as the tab is
    }
}

let restored = null;

// What was not sent when the tab was closed or loaded anew is, if this is the same workshop.
function restoreUnsent() {
    const workshop = view.value.workshop;
    if (!workshop || restored === workshop)
        return;
    restored = workshop;
    const kept = JSON.parse(sessionStorage.getItem(UNSENT) ?? "null");
    if (kept?.workshop === workshop) {
        const again = kept.list.map(({ key, what }) => ({ key, what, resolve: () => {} }));
        pending.value = [...again.map(({ key, what }) => ({ key, what, seq: 0 })),
            ...pending.value];
        unsent.value = [...again, ...unsent.value];
        sendNext();
    }
    keepUnsent();
}

function take(block) {
    let event = "", data = "";
    for (const line of block.split("\n")) {
        if (line.startsWith("event: "))
            event = line.slice(7);
        else if (line.startsWith("id: "))
            lastId = line.slice(4);
        else if (line.startsWith("data: "))
            data += line.slice(6);
    }
    if (event !== "view" || !data)
        return;
    const next = JSON.parse(data), saved = next.own?.saved ?? 0;
    if (pending.value.some(({ seq }) => seq && seq <= saved))
        pending.value = pending.value.filter(({ seq }) => !seq || seq > saved);
    view.value = next;
    restoreUnsent();
}

async function readScript() {
    const answer = await fetch("/api/script", { headers: { Authorization: `Bearer ${token}` } });
    if (answer.ok)
        script.value = await answer.json();
}

// One stream of events, until it breaks.
async function listen() {
    const abort = new AbortController();
    let quiet = setTimeout(() => abort.abort(), QUIET_MS);
    try {
        const headers = { Authorization: `Bearer ${token}` };
        if (lastId && view.value)
            headers["Last-Event-ID"] = lastId;
        const answer = await fetch("/api/events", { headers, signal: abort.signal });
        if (answer.status === 401)
            return refused();
        if (!answer.ok)
            throw new Error(`status ${answer.status}`);
        lineState.value = "open";
        sendNext();
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = "";
        for (;;) {
            const { done, value } = await reader.read();
            if (done)
                break;
            clearTimeout(quiet);
            quiet = setTimeout(() => abort.abort(), QUIET_MS);
            text += value;
            const blocks = text.split("\n\n");
            text = blocks.pop();
            blocks.forEach(take);
            if (!script.value && view.value)
                await readScript();
        }
    } finally {
        clearTimeout(quiet);
        abort.abort();
    }
}

export async function open() {
    for (;;) {
        try {
            if (!token && !await openSession())
                return refused();
            await listen();
            if (lineState.value === "refused")
                return;
        } catch {
            // the node is away, or starts anew: try again
        }
        lastId = "";
        lineState.value = "broken";
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
}

async function post(request) {
    const answer = await fetch("/api/do", {
        method: "POST",
        headers: {
            "Authorization": `Bearer ${token}`,
            "Content-Type": "application/json",
            "Idempotency-Key": request.key,
        },
        body: JSON.stringify(request.what),
    });
    if (answer.status === 503)
        throw new Error("busy");
    if (!answer.ok)
        return { ok: false, why: await answer.text() };
    return answer.json();
}

let sending = false;

// In order, one at a time: what was done first arrives first.
async function sendNext() {
    if (sending || unsent.value.length === 0 || lineState.value !== "open")
        return;
    sending = true;
    const request = unsent.value[0];
    let answer = null;
    try {
        answer = await post(request);
    } catch {
        setTimeout(sendNext, RETRY_MS);
    }
    sending = false;
    if (!answer)
        return;
    const saved = view.value?.own?.saved ?? 0;
    pending.value = answer.ok && answer.seq > saved
        ? pending.value.map(one => one.key === request.key ? { ...one, seq: answer.seq } : one)
        : pending.value.filter(({ key }) => key !== request.key);
    unsent.value = unsent.value.filter(({ key }) => key !== request.key);
    keepUnsent();
    request.resolve(answer);
    sendNext();
}

// Asks for something that changes the workshop; the answer comes when it is on the node's disk. It
// waits, and is sent again, as long as the node does not answer.
export function ask(what) {
    return new Promise(resolve => {
        const key = crypto.getRandomValues(new Uint8Array(16))
            .reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
        pending.value = [...pending.value, { key, what, seq: 0 }];
        unsent.value = [...unsent.value, { key, what, resolve }];
        keepUnsent();
        sendNext();
    });
}

// Asks for something to know, now or not at all: null if the node did not answer.
export async function look(what) {
    try {
        return await post({ key: "", what });
    } catch {
        return null;
    }
}
