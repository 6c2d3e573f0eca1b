// The step of the moment, large: its name, its time, its question, and how many tables have
// answered.
import { html } from "/dom.js";
import { say } from "/text.js";
import { clockText, LAST_MINUTE_S, useRemaining } from "/remaining.js";
import { countText, t } from "/projector/words.js";

export function Timer({ plan, step, large = false }) {
    const { what, seconds } = useRemaining(plan, step);
    const last = what === "left" && seconds !== null && seconds <= LAST_MINUTE_S && seconds > 0;
    const over = what === "ended" || (what === "left" && seconds === 0);
    return html`<div class=${`timer ${what} ${large ? "large" : ""} ${last ? "last" : ""}`}
        role="timer">
        ${seconds !== null && !over && html`<span class="time">${clockText(seconds)}</span>`}
        <span class="what">${over ? t("ended") : last ? t("lastMinute")
            : what === "ready" && seconds === null ? t("untimed") : t(what)}</span></div>`;
}

export function Step({ script, view, step }) {
    const questions = step.questions.map(id => script.questions.find(q => q.id === id));
    const said = id => view.projector.harvest.find(q => q.question === id)?.tables ?? 0;
    return html`<section class="screen step">
        <h2 class="title">${say(step.title)}</h2>
        <${Timer} plan=${view.plan} step=${step} large/>
        ${say(step.text) && html`<p class="text">${say(step.text)}</p>`}
        ${step.kind !== "round" && questions.length > 0 && html`<ul class="questions">
            ${questions.map(q => html`<li key=${q.id}>${say(q.text)}
                ${said(q.id) > 0 && html`<small>${countText("tablesSaid", said(q.id))}</small>`}
                </li>`)}</ul>`}
    </section>`;
}
