// Small parts that both pages use: marks, the time that is left, "no names" for beside fields.
import { html, announce, useEffect, useRef, useState } from "/dom.js";
import { meshUs } from "/clock.js";
import { pending, unsent } from "/link.js";
import { useStore } from "/store.js";
import { say } from "/text.js";
import { markOf } from "/table/model.js";
import { t } from "/table/words.js";

export const SIGNS = { onlyHere: "◌", savedHere: "✓", safe: "✓✓", safeAt: "✓✓" };
const TICK_MS = 250;
const LAST_MINUTE_US = 60e6;

export function Mark({ of, own }) {
    const mark = of && markOf(of, own);
    if (!mark)
        return null;
    const text = t(mark.name, { k: mark.k });
    return html`<span class="mark ${mark.name}" title=${text}>
        <span aria-hidden="true">${SIGNS[mark.name]}${mark.name === "safeAt" && html`<sup>
            ${mark.k}</sup>`}</span>
        <span class="visually-hidden">${text}</span></span>`;
}

// How all that was done here stands.
export function Standing({ view }) {
    const waiting = useStore(unsent).length, onTheWay = useStore(pending).length;
    const { saved, safe, others } = view.own;
    const [name, text] = waiting > 0 ? ["onlyHere", t("standsHere", { n: waiting })]
        : onTheWay > 0 || saved > safe ? ["savedHere", t("standsSaved")]
            : others > 0 ? ["safeAt", t("standsSafeAt", { k: others })]
                : ["safe", t("standsSafe")];
    return html`<p class="standing ${name}" data-standing=${name}>
        <span class="mark ${name}" aria-hidden="true">${SIGNS[name]}</span> ${text}</p>`;
}

function clockText(us) {
    const seconds = Math.max(0, Math.ceil(us / 1e6 - 0.02));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// What the timer shows now: {time, label, kind}; time "" where a step has none.
export function timeOf(plan, step, now) {
    const { state, start_us: start, end_us: end, left_us: left, wrap_up_us: wrapUp } = plan;
    const timed = end > 0 || left > 0;
    if (state === "ready")
        return { time: step.duration_us ? clockText(step.duration_us) : "", label: "notBegun",
            kind: "ready" };
    if (state === "paused")
        return { time: timed ? clockText(left) : "", label: "paused", kind: "paused" };
    if (now !== null && start > now)
        return { time: clockText(start - now), label: "beginsIn", kind: "ready" };
    if (state === "running" && !timed)
        return { time: "", label: "goesOn", kind: "running" };
    if (state === "running" && now !== null && end > now)
        return { time: clockText(end - now),
            label: end - now <= LAST_MINUTE_US ? "lastMinute" : "left",
            kind: end - now <= LAST_MINUTE_US ? "last" : "running" };
    if (now !== null && wrapUp > now)
        return { time: clockText(wrapUp - now), label: "wrapUp", kind: "wrap" };
    return { time: timed && now !== null ? "0:00" : "", label: now === null ? "goesOn" : "over",
        kind: "over" };
}

// Draws anew four times a second.
export function useTick() {
    const [, tick] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => tick(n => n + 1), TICK_MS);
        return () => clearInterval(timer);
    }, []);
}

export function Timer({ plan, step }) {
    useTick();
    const { time, label, kind } = timeOf(plan, step, meshUs());
    const before = useRef(kind);
    useEffect(() => {
        if (kind !== before.current && (kind === "last" || kind === "wrap" || kind === "paused"))
            announce(t(label));
        before.current = kind;
    }, [kind]);
    return html`<div class="timer ${kind}" role="timer" aria-label=${`${time} ${t(label)}`}>
        ${time && html`<span class="time">${time}</span>`}<span class="label">${t(label)}</span>
            </div>`;
}

// Stands beside every field.
export const NoNames = ({ script }) =>
    html`<span class="no-names">${say(script.no_names)}</span>`;
