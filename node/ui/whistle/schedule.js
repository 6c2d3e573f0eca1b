// Which whistles are to sound when: set in the audio clock as soon as they are known, for the
// timers of a tab in the background are slow. No whistle, (step, kind, occurrence), sounds twice.
import { meshUs, pageMs } from "/clock.js";
import { Store } from "/store.js";
import { tickAt, whistleAt } from "/whistle/sound.js";

const LATE_US = 500e3; // later than that it is only shown
const SHOWN_US = 10e6; // and later than that not at all
const MINUTE_US = 60e6;
const MOVED_S = 0.004; // a mark, or the clocks against each other, moved by more than that
const MUTED = "fluit-muted", SET = "fluit-whistles";

// "off" until somebody touches the page, as browsers ask; "on" or "muted".
export const sound = new Store("off");
// The whistle that is to be seen now: {kind, key, late}, or null.
export const flash = new Store(null);

let context = null, master = null;
const set = new Map(); // what is set in the audio clock, by key: {at_us, when, stop}
const shown = new Map(); // timers of flashes, and keys that were shown
// When each was to sound, also before this page was loaded anew.
const sounded = new Map(JSON.parse(sessionStorage.getItem(SET) ?? "[]"));

const keyOf = ({ step, kind, occurrence }) => `${step}/${kind}/${occurrence}`;

function keep() {
    sessionStorage.setItem(SET, JSON.stringify([...sounded].slice(-20)));
}

// A time of the page's clock in that of the audio: what is given out then, not what is computed.
function audioTime(ms) {
    const { contextTime, performanceTime } = context.getOutputTimestamp?.() ?? {};
    if (performanceTime > 0 && contextTime > 0)
        return contextTime + (ms - performanceTime) / 1000;
    return context.currentTime + (ms - performance.now()) / 1000 - (context.outputLatency || 0);
}

function showSound() {
    sound.value = context?.state !== "running" ? "off"
        : localStorage.getItem(MUTED) ? "muted" : "on";
    if (master)
        master.gain.value = localStorage.getItem(MUTED) ? 0 : 1;
}

// After a touch or a key: only then may a page make sound.
export async function turnOn() {
    if (!context) {
        context = new AudioContext({ latencyHint: "interactive" });
        master = new GainNode(context);
        master.connect(context.destination);
        context.onstatechange = showSound;
    }
    await context.resume();
    showSound();
}

export function mute(on) {
    if (on)
        localStorage.setItem(MUTED, "1");
    else
        localStorage.removeItem(MUTED);
    showSound();
}

export async function tryOut() {
    await turnOn();
    mute(false);
    whistleAt(context, master, "start", context.currentTime + 0.05);
}

function withdraw(key) {
    set.get(key).stop();
    set.delete(key);
    sounded.delete(key);
    keep();
}

// Sets one sound at a mesh time, or moves it there.
function put(key, atUs, now, play) {
    const before = set.get(key);
    const when = audioTime(pageMs(atUs));
    if (before) {
        if (Math.abs(before.when - when) < MOVED_S || before.when < context.currentTime + 0.05)
            return;
        withdraw(key);
    } else if (now - atUs > LATE_US || (sounded.get(key) === atUs && atUs <= now)) {
        return;
    }
    const start = Math.max(when, context.currentTime);
    set.set(key, { at_us: atUs, when, stop: play(start) });
    sounded.set(key, atUs);
    keep();
}

function show(kind, key, late) {
    if (shown.get(key) === "done")
        return;
    shown.set(key, "done");
    flash.value = { kind, key, late };
    setTimeout(() => {
        if (flash.value?.key === key)
            flash.value = null;
    }, 3500);
}

function plan(mark, now) {
    const key = keyOf(mark), late = now - mark.at_us;
    if (shown.get(key) === "done" || late > SHOWN_US)
        return;
    clearTimeout(shown.get(key));
    shown.set(key, setTimeout(() => show(mark.kind, key, late > LATE_US),
        Math.max(0, pageMs(mark.at_us) - performance.now())));
}

// Takes the marks of a view. Called again as the clocks are measured anew.
export function follow(view) {
    const now = meshUs();
    if (now === null || !view?.marks)
        return;
    const marks = view.marks.filter(mark => mark.armed);
    for (const mark of marks)
        plan(mark, now);
    // One that another has followed is no longer news.
    for (const mark of (view.whistled ?? []).slice(-1))
        if (!shown.has(keyOf(mark)))
            plan(mark, now);
    const known = new Set(marks.map(keyOf));
    for (const [key, timer] of shown)
        if (timer !== "done" && !known.has(key) && !view.whistled?.some(m => keyOf(m) === key)) {
            clearTimeout(timer);
            shown.delete(key);
        }
    if (context?.state !== "running")
        return;
    for (const mark of marks) {
        const key = keyOf(mark);
        put(key, mark.at_us, now, at => whistleAt(context, master, mark.kind, at));
        if (mark.kind === "end" && mark.at_us - MINUTE_US > now)
            put(`${key}/tick`, mark.at_us - MINUTE_US, now, at => tickAt(context, master, at));
    }
    // What is gone from the view has sounded, or was taken back.
    for (const [key, { at_us: atUs }] of set)
        if (!known.has(key.replace("/tick", ""))) {
            if (atUs - now > 250e3)
                withdraw(key);
            else
                set.delete(key);
        }
}
