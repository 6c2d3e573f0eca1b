// The agenda: each step, when it was planned, and when it really was.
import { html, useEffect, useRef } from "/dom.js";
import { plannedTime, wallTime } from "/remaining.js";
import { say } from "/text.js";
import { t } from "/facilitator/words.js";

function real(step, plan, i) {
    if (!step.start_us)
        return "";
    if (step.end_us && (i !== plan.step || plan.state === "ended"))
        return t("finished", { from: wallTime(step.start_us), until: wallTime(step.end_us) });
    return t("began", { at: wallTime(step.start_us) });
}

export function Agenda({ view, script }) {
    const current = useRef(null);
    // Within the list only: on a phone the page stays where it is.
    useEffect(() => {
        const item = current.current, list = item?.parentElement;
        list?.scrollTo(0, item.offsetTop - list.offsetTop - list.clientHeight / 2);
    }, [view.plan.step]);
    return html`<section class="agenda" aria-labelledby="agenda-title">
        <h2 id="agenda-title">${t("agenda")}</h2>
        <ol tabindex="0" aria-labelledby="agenda-title">${view.steps.map((step, i) => {
            const is = i === view.plan.step, took = real(step, view.plan, i);
            return html`<li key=${step.id} ref=${is ? current : null}
                aria-current=${is ? "step" : null} class=${step.end_us && !is ? "done" : ""}>
                <span class="planned">${plannedTime(step.planned_min)}</span>
                <span class="name">${say(script.steps[i].title)}
                    ${took && html`<small>${took}</small>`}</span></li>`;
        })}</ol></section>`;
}
