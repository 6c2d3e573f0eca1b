// The question of the moment: a clock of the page's own walks through the suggested minutes of a
// step's questions. People may go on or back; then their pace is the clock's.
import { announce, html, useEffect, useRef, useState } from "/dom.js";
import { meshUs } from "/clock.js";
import { say } from "/text.js";
import { useTick } from "/table/parts.js";
import { t } from "/table/words.js";

const GRACE_US = 20e6; // so long after the suggested time there is only a nudge

// How long the step has run, pauses left out.
export function runUs(plan, step, now) {
    if (plan.state === "ready" || now === null)
        return 0;
    const left = plan.state === "paused" ? plan.left_us : Math.max(0, plan.end_us - now);
    // An extension makes the whole longer.
    const whole = Math.max(step.duration_us, plan.start_us ? plan.end_us - plan.start_us : 0);
    if (plan.end_us || plan.left_us)
        return Math.max(0, whole - left);
    return plan.start_us ? Math.max(0, now - plan.start_us) : 0;
}

// at: {index, since, stay}: the question, and from when it counts; times as of runUs.
export function walk(at, run, suggested) {
    let { index, since, stay } = at;
    while (!stay && index < suggested.length - 1 && suggested[index] > 0
        && run >= since + suggested[index] + GRACE_US) {
        since += suggested[index];
        index++;
    }
    return index === at.index ? at : { index, since, stay: false };
}

export const isTimeToGoOn = ({ index, since, stay }, run, suggested) =>
    !stay && index < suggested.length - 1 && suggested[index] > 0
        && run >= since + suggested[index];

const KEPT = "fluit-question";

function kept(step, round) {
    const at = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    return at?.step === step.id && at.round === round ? at : { index: 0, since: 0, stay: false };
}

// The question at hand, for the notes to begin with: its id, or null.
export function questionNow(plan, script) {
    const step = script.steps[plan.step];
    return step.questions[kept(step, plan.round).index] ?? null;
}

export function Questions({ view, script }) {
    useTick();
    const { plan } = view, step = script.steps[plan.step];
    const list = step.questions.map(id => script.questions.find(one => one.id === id));
    const suggested = list.map(one => one.suggested_us);
    const [at, setAt] = useState(() => kept(step, plan.round));
    // Where a round was stopped, its questions stay.
    const run = runUs(plan, step, meshUs());
    const runs = plan.state === "running", ran = useRef({ run, paused: false });
    // What a pause took is nobody's time for a question.
    const from = runs && ran.current.paused
        ? { ...at, since: at.since + Math.max(0, run - ran.current.run) } : at;
    const now = runs ? walk(from, run, suggested) : at;
    useEffect(() => {
        ran.current = runs ? { run, paused: false }
            : { ...ran.current, paused: plan.state === "paused" };
    });
    const of = `${step.id}/${plan.round}`, before = useRef(of);
    const put = next => {
        sessionStorage.setItem(KEPT, JSON.stringify({ ...next, step: step.id, round: plan.round }));
        setAt(next);
    };
    useEffect(() => {
        if (before.current !== of)
            put({ index: 0, since: 0, stay: false });
        before.current = of;
    }, [of]);
    useEffect(() => {
        if (now === at)
            return;
        put(now);
        if (now.index !== at.index)
            announce(say(list[now.index]?.text));
    });
    const nudge = plan.state === "running" && isTimeToGoOn(now, run, suggested);
    useEffect(() => {
        if (nudge)
            announce(t("timeToGoOn"));
    }, [nudge]);
    const question = list[Math.min(now.index, list.length - 1)];
    if (!question)
        return null;
    const role = script.roles.find(one => one.id === question.asked_of);
    const seat = role && view.roles[role.id];
    const go = index => put({ index, since: run, stay: false });
    return html`<section class="question ${nudge ? "nudge" : ""}" aria-label=${t("question")}>
        <button class="step" disabled=${now.index === 0} aria-label=${t("questionBefore")}
            onClick=${() => go(now.index - 1)}><span aria-hidden="true">‹</span></button>
        <div class="asks">
            <p class="small">${t("questionOf", { n: now.index + 1, count: list.length })}
                ${question.suggested_us > 0 &&
                    html` · ${t("minutes", { n: question.suggested_us / 60e6 })}`}
                ${role && html` · ${t("askedOf", { role: say(role.name) })}${seat > 0 &&
                    html` (${t("seat", { n: seat })})`}`}</p>
            <p class="text">${say(question.text)}</p>
        </div>
        ${nudge && html`<div class="go-on"><strong>${t("timeToGoOn")}</strong>
            <button onClick=${() => put({ ...now, stay: true })}>${t("stay")}</button></div>`}
        <button class="step ${nudge ? "primary" : ""}" disabled=${now.index >= list.length - 1}
            aria-label=${t("questionNext")} onClick=${() => go(now.index + 1)}>
            <span aria-hidden="true">›</span></button>
    </section>`;
}
