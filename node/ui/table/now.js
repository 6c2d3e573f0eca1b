// What goes on now, large: the step, its time, what it asks of the table.
import { html, useEffect } from "/dom.js";
import { say } from "/text.js";
import { Answers } from "/table/answers.js";
import { begin } from "/table/notekeeper.js";
import { Roles } from "/table/roles.js";
import { t } from "/table/words.js";

const WITH_ROLES = ["explain", "changeover", "round"];

export function Now({ view, script, board, children }) {
    const step = script.steps[view.plan.step], next = script.steps[view.plan.step + 1];
    useEffect(begin, []);
    return html`<div class="now-page">
        <section class="step-text ${step.kind}">
            <p class="kind">${t(`kind_${step.kind}`)}</p>
            <h2 class="big">${say(step.title)}</h2>
            ${say(step.text) && html`<p class="lead">${say(step.text)}</p>`}
            ${step.kind === "explain" && html`<p class="who-reads">${t("whoReads")}</p>`}
            ${next && html`<p class="small">${t("afterThis", { step: say(next.title) })}</p>`}
            ${children}
        </section>
        <${Answers} view=${view} script=${script} board=${board}/>
        ${WITH_ROLES.includes(step.kind) && html`<${Roles} script=${script} board=${board}
            tasks=${true}
            fixed=${view.node.class !== "table"}/>`}
    </div>`;
}
