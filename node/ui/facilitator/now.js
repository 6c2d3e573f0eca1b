// The step of the moment, and what leads it on.
import { html, useState } from "/dom.js";
import { meshUs } from "/clock.js";
import { clockText, LAST_MINUTE_S, useRemaining, wallTime } from "/remaining.js";
import { say } from "/text.js";
import { useStore } from "/store.js";
import { Confirm } from "/facilitator/dialog.js";
import { line, outcome } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

export function Outcome() {
    const said = useStore(outcome);
    return html`<p class=${`outcome ${said && !said.ok ? "bad" : ""}`} role="status">
        ${said?.text}</p>`;
}

export function Timer({ plan, step }) {
    const { what, seconds } = useRemaining(plan, step);
    const last = what === "left" && seconds !== null && seconds <= LAST_MINUTE_S;
    return html`<p class=${`timer ${what} ${last ? "last" : ""}`} role="timer">
        ${seconds !== null && html`<span class="time">${clockText(seconds)}</span>`}
        <span class="what">${what === "ready" && seconds === null ? t("untimed") : t(what)}</span>
    </p>`;
}

// What is the sensible thing to do now: it is drawn largest.
export function mainOrder(plan, step, starting) {
    if (plan.state === "ready")
        return "start";
    if (plan.state === "paused")
        return "resume";
    if (plan.state === "running")
        return starting ? "cancel" : plan.end_us ? "pause" : "end";
    return "next";
}

export const orders = {
    start: step => line("start", t(step.whistle ? "didStartRound" : "didStart")),
    cancel: () => line("end", t("didEnd")),
    pause: () => line("pause", t("didPause")),
    resume: () => line("resume", t("didResume")),
    extend: (step, minutes) => line(`extend ${minutes}m`, t("didExtend")),
    end: step => line("end", t(step.whistle ? "didEndRound" : "didEnd")),
    next: () => line("next", t("didNext")),
    back: () => line("back", t("didBack")),
};

export function useLead(plan, step) {
    const { what } = useRemaining(plan, step), starting = what === "starts";
    const main = mainOrder(plan, step, starting);
    const label = main === "start" && step.whistle ? t("startRound") : t(main);
    return { main, label, starting };
}

function planNote(view, script) {
    const { plan } = view, took = view.steps[plan.step], now = meshUs();
    const notes = [];
    if (took.planned_min >= 0 && took.start_us) {
        const began = new Date(Date.now() + (took.start_us - now) / 1000);
        const late = began.getHours() * 60 + began.getMinutes() - took.planned_min;
        if (Math.abs(late) >= 1 && Math.abs(late) < 600)
            notes.push(t(late > 0 ? "late" : "early", { n: Math.abs(late) }));
    }
    const round = view.rounds.find(r => r.round === script.steps[plan.step].round);
    if (plan.wrap_up_us && plan.state === "ended")
        notes.push(round?.closed ? t("roundClosed", { n: round.round })
            : t("wrapUp", { at: wallTime(plan.wrap_up_us) }));
    return notes.join(" · ");
}

export function Now({ view, script, may }) {
    const { plan } = view, step = script.steps[plan.step];
    const { main, label } = useLead(plan, step);
    const [asks, setAsks] = useState(false);
    const end = () => step.whistle ? setAsks(true) : orders.end(step);
    const run = { ...orders, end };
    const other = name => name !== main && html`<button key=${name} disabled=${!may}
        onClick=${() => run[name](step)}>${t(name)}</button>`;
    const note = planNote(view, script);
    return html`<section class=${`now ${plan.state}`} aria-labelledby="now-title">
        <div class="what-now"><p class="quiet">${t("step", { n: plan.step + 1,
            of: script.steps.length })}</p>
            <h2 id="now-title">${say(step.title)}</h2>
            ${say(step.text) && html`<p class="text">${say(step.text)}</p>`}
            ${note && html`<p class="quiet">${note}</p>`}</div>
        <${Timer} plan=${plan} step=${step}/>
        <div class="orders" role="group" aria-label=${t("now")}>
            <button class="primary main-order" disabled=${!may}
                onClick=${() => run[main](step)}>${label}</button>
            ${other("next")}
            ${[1, 2, 5].map(n => html`<button class="extend" key=${n} disabled=${!may}
                onClick=${() => orders.extend(step, n)}>${t("extendBy", { n })}</button>`)}
            ${plan.state !== "ended" && main !== "cancel" && other("end")}
            ${other("back")}
        </div>
        <${Outcome}/>
        ${asks && html`<${Confirm} title=${t("endTitle")} text=${t("endText")} yes=${t("endYes")}
            close=${() => setAsks(false)} agree=${() => orders.end(step)}/>`}
    </section>`;
}
