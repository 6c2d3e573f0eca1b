// Photos on their way: kept in this browser, sent part by part beside all else, until the node has
// them.
import { look } from "/link.js";
import { Store } from "/store.js";
import { draftsOf, keepDraft, wipeDraft } from "/table/drafts.js";
import { randomId } from "/table/notekeeper.js";

const PART_BYTES = 32700;
const PACE_MS = 600; // no two parts in half a second
const AWAY_MS = 1500;

// {ID: {round, data: [base64], sent, error}}; error: the answer that refused it
export const onTheWay = new Store({});

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

function base64(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192)
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
}

function put(id, photo) {
    const rest = { ...onTheWay.value };
    delete rest[id];
    onTheWay.value = photo ? { ...rest, [id]: photo } : rest;
}

async function send(id) {
    for (;;) {
        const photo = onTheWay.value[id];
        if (!photo)
            return;
        const { round, data, sent } = photo;
        if (sent === data.length)
            break;
        const answer = await look({ do: "photo", photo: id, round, part: sent, parts: data.length,
            data: data[sent] });
        if (answer?.ok)
            put(id, { ...photo, sent: sent + 1 });
        else if (answer && answer.code !== "busy") {
            wipeDraft(`photo/${id}`);
            return put(id, { ...photo, error: answer });
        }
        await wait(answer ? PACE_MS : AWAY_MS);
    }
    wipeDraft(`photo/${id}`);
    put(id, null);
}

export function add(bytes, round) {
    const id = randomId(), data = [];
    for (let at = 0; at < bytes.length; at += PART_BYTES)
        data.push(base64(bytes.subarray(at, at + PART_BYTES)));
    keepDraft(`photo/${id}`, { round, data });
    put(id, { round, data, sent: 0, error: null });
    send(id);
}

export function giveUp(id) {
    wipeDraft(`photo/${id}`);
    put(id, null);
}

let begun = false;

// Those that were on their way when the tab was closed.
export function begin() {
    if (begun)
        return;
    begun = true;
    for (const [key, { round, data }] of draftsOf("photo/")) {
        const id = key.slice("photo/".length);
        put(id, { round, data, sent: 0, error: null });
        send(id);
    }
}

// The picture of a photo that is here, as an address for an <img>; null if it can't be had now.
export async function pictureOf(id) {
    const parts = [];
    for (let count = 1; parts.length < count;) {
        const answer = await look({ do: "photo_data", photo: id, part: parts.length });
        if (!answer?.ok)
            return null;
        count = answer.parts;
        parts.push(Uint8Array.from(atob(answer.data), letter => letter.charCodeAt(0)));
    }
    return URL.createObjectURL(new Blob(parts, { type: "image/jpeg" }));
}
