// A remote for the facilitator's phone: large buttons, the time, and tables that need somebody.
import { html } from "/dom.js";
import { say } from "/text.js";
import { Control, hasLead } from "/facilitator/control.js";
import { MessageBox } from "/facilitator/message.js";
import { orders, Outcome, Timer, useLead } from "/facilitator/now.js";
import { tablesOf, troubleText } from "/facilitator/tiles.js";
import { t } from "/facilitator/words.js";

function Alarms({ tables }) {
    const wrong = tables.filter(table => table.problem && !table.device?.aside);
    return html`<section class="alarms"><h2>${t("alarms")}</h2>
        <p class=${`trouble ${wrong.length > 0 ? "bad" : ""}`} role="status">
            ${troubleText(tables)}</p>
        <ul>${wrong.map(table => html`<li key=${table.number}>
            <strong>${t("table", { n: table.number })}${table.ofRapporteur
                && `, ${t("rapporteur")}`}</strong> ${t(`do_${table.problem}`)}</li>`)}</ul>
    </section>`;
}

// A phone may do these without having the lead; ending a step early it may not.
export function Remote({ view, script, self }) {
    const { plan } = view, step = script.steps[plan.step], next = script.steps[plan.step + 1];
    const { main, label } = useLead(plan, step);
    const may = view.leads && (self?.phone || hasLead(view, self));
    const isFull = hasLead(view, self);
    const first = !isFull && (main === "end" || main === "cancel") ? "next" : main;
    return html`<div class="remote"><${Control} seen=${view} self=${self}/>
        <main><p class="quiet">${t("step", { n: plan.step + 1, of: script.steps.length })}</p>
            <h1>${say(step.title)}</h1>
            <${Timer} plan=${plan} step=${step}/>
            <button class="primary big" disabled=${!may} onClick=${() => orders[first](step)}>
                ${first === main ? label : t(first)}</button>
            <div class="pair" role="group" aria-label=${t("moreTime")}>
                ${[1, 2, 5].map(n => html`<button class="big" key=${n} disabled=${!may}
                    onClick=${() => orders.extend(step, n)}>
                    ${t("extendBy", { n })}</button>`)}</div>
            ${first !== "next" && html`<button class="big" disabled=${!may}
                onClick=${() => orders.next(step)}>${t("next")}${next
                    && html`<small>${say(next.title)}</small>`}</button>`}
            <${Outcome}/>
            <${Alarms} tables=${tablesOf(view)}/>
            <${MessageBox} may=${may}/></main>
    </div>`;
}
