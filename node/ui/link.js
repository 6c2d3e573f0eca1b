// The page's line to its node: views come down, requests go up. node/view/API.md says what they
// hold. It is served as a file of its own, so that the node answers while the rest of the page is
// on its way; what it is made of is in that file too, and the rest takes it from here.
import { Plain } from "/plain.js";
import { Sealed } from "/sealed.js";
import { Store } from "/store.js";
import * as kept from "/unsent.js";

export * from "/dom.js";
export * from "/store.js";

const QUIET_MS = 12000; // no beat for that long: the line is dead, though nobody said so
const RETRY_MS = 1000;
const HOPELESS = [400, 413]; // no request of a page, or too long: it will not be taken later either

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

let way = null;
let lastId = "";

function refused() {
    way.forget();
    kept.giveUp(); // a tab with a new link sends what waits
    lineState.value = "refused";
}

// A link's key stands behind the #, which is sent to nobody: k of one that was printed, p of a code
// that a phone scanned.
function keyOf(name) {
    return new URLSearchParams(location.hash.slice(1)).get(name);
}

async function openWay() {
    const printed = keyOf("k"), scanned = keyOf("p");
    way ??= scanned || (!printed && Sealed.wasHere()) ? new Sealed() : new Plain();
    const opened = await way.open(scanned ?? printed);
    if (scanned || printed)
        history.replaceState(null, "", location.pathname);
    return opened;
}

addEventListener("hashchange", () => {
    if (keyOf("k") || keyOf("p"))
        location.reload();
});

// What a tab that is gone had not sent, before what was asked here.
function sendLeft(list) {
    const again = list.filter(({ key }) => unsent.value.every(one => one.key !== key))
        .map(({ key, what }) => ({ key, what, resolve: () => {} }));
    pending.value = [...again.map(({ key, what }) => ({ key, what, seq: 0 })), ...pending.value];
    unsent.value = [...again, ...unsent.value];
    kept.keep(unsent.value);
    sendNext();
}

function take(block, read) {
    const said = { event: "", id: "", data: "" };
    for (const line of block.split("\n")) {
        const [, name, value] = /^(event|id|data): (.*)$/.exec(line) ?? [];
        if (name)
            said[name] += value;
    }
    const text = said.data ? read(said) : null;
    if (text === null)
        return;
    lastId = said.id;
    const next = JSON.parse(text), saved = next.own?.saved ?? 0;
    if (pending.value.some(({ seq }) => seq && seq <= saved))
        pending.value = pending.value.filter(({ seq }) => !seq || seq > saved);
    view.value = next;
    if (kept.begin(next, sendLeft))
        kept.keep(unsent.value);
}

// One stream of events, until it breaks.
async function listen() {
    const abort = new AbortController();
    let quiet = setTimeout(() => abort.abort(), QUIET_MS);
    try {
        const { status, body, read } = await way.events(view.value ? lastId : "", abort.signal);
        if (status === 401)
            return refused();
        if (status !== 200)
            throw new Error(`status ${status}`);
        lineState.value = "open";
        sendNext();
        const asked = script.value ? null : way.script().catch(() => null);
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
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
            blocks.forEach(block => take(block, read));
            if (!script.value && view.value)
                script.value = await asked ?? await way.script();
        }
    } finally {
        clearTimeout(quiet);
        abort.abort();
    }
}

async function open() {
    for (let opened = false; ;) {
        try {
            opened ||= await openWay();
            if (!opened)
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
    const { status, text } = await way.post(JSON.stringify(request.what), request.key);
    // Too much at once, another session needed, or not the node's own word: what was typed is kept.
    if (status !== 200 && !HOPELESS.includes(status))
        throw new Error(`status ${status}`);
    return status === 200 ? JSON.parse(text) : { ok: false, why: text };
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
        // the node is away: again in a moment
    }
    sending = false;
    // A node that has just started can't save yet, and says so; what was done here is not lost.
    if (!answer || (!answer.ok && answer.code === "busy")) {
        setTimeout(sendNext, RETRY_MS);
        return;
    }
    const saved = view.value?.own?.saved ?? 0;
    pending.value = answer.ok && answer.seq > saved
        ? pending.value.map(one => one.key === request.key ? { ...one, seq: answer.seq } : one)
        : pending.value.filter(({ key }) => key !== request.key);
    unsent.value = unsent.value.filter(({ key }) => key !== request.key);
    kept.keep(unsent.value);
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
        kept.keep(unsent.value);
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

// What the code by which phones open this page says, or null. renew: makes a new code.
export async function phonesUrl({ renew = false } = {}) {
    try {
        return await way.phones(renew);
    } catch {
        return null;
    }
}

open();
