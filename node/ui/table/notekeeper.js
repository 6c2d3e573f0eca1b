// Notes as they are typed. Each is a draft in this browser, at every key, until the node has it; it
// goes there every few seconds and when the field is left. Its id is the page's, so that sending it
// twice makes no second note; `sent` is what the node may have taken, though no answer came.
import { ask, view } from "/link.js";
import { Store } from "/store.js";
import { draftsOf, keepDraft, wipeDraft } from "/table/drafts.js";

const SAVE_MS = 2500;
const LEFT_MS = 30000; // a draft that old was left by a tab that is gone
const TAB = "fluit-tab";

// {ID: {id, question, card, copy, quote, plenary, text, on, sent, seq, error, at, tab}}; seq: the
// node has it all, and the view will show it.
export const drafts = new Store({});

const timers = new Map(), busy = new Set();

export function randomId() {
    return crypto.getRandomValues(new Uint8Array(16))
        .reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
}

const tab = sessionStorage.getItem(TAB) ?? randomId();
sessionStorage.setItem(TAB, tab);

function put(id, draft) {
    const rest = { ...drafts.value };
    delete rest[id];
    drafts.value = draft ? { ...rest, [id]: draft } : rest;
    if (draft && !draft.seq)
        keepDraft(`note/${id}`, draft);
    else
        wipeDraft(`note/${id}`);
}

// What the note is to say from now on; base: as the view has it, or {id, question, …} if it is new.
export function edit(base, changes, { soon = false } = {}) {
    const before = drafts.value[base.id] ?? {
        id: base.id, round: base.round, question: base.question ?? null, card: base.card ?? null,
        copy: base.copy ?? 1, quote: base.quote ?? false, plenary: base.plenary ?? false,
        text: base.text ?? "", on: base.revision ?? null, sent: null,
    };
    put(base.id, { ...before, ...changes, seq: 0, error: null, at: Date.now(), tab });
    clearTimeout(timers.get(base.id));
    timers.set(base.id, setTimeout(() => save(base.id), soon ? 0 : SAVE_MS));
}

function membersOf(draft, settle) {
    const { id, on, question, card, copy, quote, plenary, text } = draft;
    return {
        do: "note", note: id, ...on && { on }, ...settle && { settle: true },
        ...question && { question }, ...card && { card, copy }, quote, plenary, text,
    };
}

async function send(id, members) {
    put(id, { ...drafts.value[id], sent: members });
    const answer = await ask(members), draft = drafts.value[id];
    if (!draft)
        return null;
    const same = JSON.stringify({ ...membersOf(draft), on: 0 })
        === JSON.stringify({ ...members, on: 0, settle: undefined });
    if (!answer.ok)
        put(id, { ...draft, sent: null, error: answer });
    else
        put(id, { ...draft, sent: null, on: answer.revision, seq: same ? answer.seq : 0 });
    dropShown();
    return answer.ok && !same;
}

export async function save(id) {
    clearTimeout(timers.get(id));
    const draft = drafts.value[id];
    if (!draft || draft.seq || busy.has(id) || (!draft.text.trim() && !draft.on))
        return;
    busy.add(id);
    const more = await send(id, membersOf(draft));
    busy.delete(id);
    if (more)
        save(id);
}

export async function settle(note, text) {
    put(note.id, null);
    edit(note, { text });
    clearTimeout(timers.get(note.id));
    await send(note.id, membersOf(drafts.value[note.id], true));
}

export function takeBack(note) {
    clearTimeout(timers.get(note.id));
    const stood = note.revision || drafts.value[note.id]?.on;
    put(note.id, null);
    if (stood)
        ask({ do: "note", note: note.id, gone: true });
}

export const saveAll = () => Object.keys(drafts.value).forEach(save);

// What the view shows needs no draft any more.
function dropShown() {
    const saved = view.value?.own?.saved ?? 0;
    for (const draft of Object.values(drafts.value))
        if (draft.seq && draft.seq <= saved)
            put(draft.id, null);
}

// What a tab that is gone, or this one before it was loaded anew, had not saved.
async function takeUp(draft) {
    drafts.value = { ...drafts.value, [draft.id]: draft };
    busy.add(draft.id);
    if (draft.sent)
        await send(draft.id, draft.sent);
    busy.delete(draft.id);
    save(draft.id);
}

let begun = false;

export function begin() {
    if (begun)
        return;
    begun = true;
    for (const [, draft] of draftsOf("note/"))
        if (draft.tab === tab || Date.now() - draft.at > LEFT_MS)
            takeUp(draft);
    view.watch(dropShown);
    addEventListener("pagehide", saveAll);
    document.addEventListener("visibilitychange", () => document.hidden && saveAll());
}
