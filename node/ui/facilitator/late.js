// What came for a round after it closed.
import { html } from "/dom.js";
import { t } from "/facilitator/words.js";

export function Late({ view }) {
    return html`<section class="late"><p class="quiet">${t("lateHelp")}</p>
        ${view.late.length === 0 && html`<p>${t("none")}</p>`}
        <ul>${view.late.map(late => html`<li key=${`${late.table}/${late.round}`}>
            <strong>${t("table", { n: late.table })}, ${t("round", { n: late.round })}</strong>
            ${late.made > 0 && html` · ${t("lateMade", { n: late.made })}`}
            ${late.arrived > 0 && html` · ${t("lateArrived", { n: late.arrived })}`}</li>`)}</ul>
    </section>`;
}
