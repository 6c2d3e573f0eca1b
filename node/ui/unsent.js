// Requests that wait for the node, kept in this browser also when their tab is closed: each tab has
// a place of its own, by the node's workshop, part and table. What a tab left when it went is taken
// over by one that is there, or comes later: by one only, as far as browsers can tell, and if two
// should send it, its key has the node do it once.
const PREFIX = "fluit-unsent/", LOCK = "fluit-tab/", FORMER = "fluit-unsent-tab";
const LEFT_MS = 30000; // without locks, on a phone: who wrote nothing for that long is gone

const self = crypto.getRandomValues(new Uint8Array(16))
    .reduce((hex, byte) => hex + byte.toString(16).padStart(2, "0"), "");
// Which was this tab before it was loaded anew.
const former = sessionStorage.getItem(FORMER);

let from = null; // how the names of this node's places begin; null: it is not known yet
let takeLeft = null;
const watched = new Set();

// This tab lives as long as it holds the lock.
export let giveUp = () => {};
navigator.locks?.request(LOCK + self, () => new Promise(resolve => { giveUp = resolve; }));

function read(tab) {
    try {
        const { at, list } = JSON.parse(localStorage.getItem(from + tab));
        return { at, list: list.filter(({ key, what }) => typeof key === "string" && what?.do) };
    } catch {
        return null; // nothing, or nothing of ours
    }
}

// list: all that waits, [{key, what}].
export function keep(list) {
    if (from === null)
        return;
    try {
        if (list.length > 0)
            localStorage.setItem(from + self, JSON.stringify({ at: Date.now(),
                list: list.map(({ key, what }) => ({ key, what })) }));
        else
            localStorage.removeItem(from + self);
    } catch {
        // no room for it: it is kept as long as the tab is
    }
}

function take(tab) {
    const left = read(tab);
    localStorage.removeItem(from + tab);
    watched.delete(tab);
    if (left)
        takeLeft(left.list);
}

function takeIfOld(tab) {
    const left = read(tab), rest = left ? left.at + LEFT_MS - Date.now() : 0;
    if (rest > 0 && tab !== former)
        setTimeout(takeIfOld, rest, tab);
    else
        take(tab);
}

// The lock of a tab that lives is not given.
function watch(name) {
    const tab = name.slice(from.length);
    if (!name.startsWith(from) || tab === self || watched.has(tab))
        return;
    watched.add(tab);
    if (navigator.locks)
        navigator.locks.request(LOCK + tab, () => take(tab));
    else
        takeIfOld(tab);
}

// The node is known, by a view of it; true the first time. left: gets what a tab that is gone had
// not sent.
export function begin({ workshop, node }, left) {
    const place = `${PREFIX}${workshop}/${node.class}/${node.table}/`;
    if (!workshop || from === place)
        return false;
    from = place;
    takeLeft = left;
    sessionStorage.setItem(FORMER, self);
    Object.keys(localStorage).forEach(watch);
    return true;
}

addEventListener("storage", ({ key, newValue }) => {
    if (from !== null && key && newValue)
        watch(key);
});
