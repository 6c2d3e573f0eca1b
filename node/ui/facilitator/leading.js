// Who leads: another hub, or a second one that is ready to take over.
import { html, useState } from "/dom.js";
import { Confirm } from "/facilitator/dialog.js";
import { line } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

export function Follows({ view }) {
    const [asks, setAsks] = useState(false), here = view.hub.here;
    return html`<div class="banner" role="status">
        <p><strong>${t(view.node.class === "standby" ? "standbyTitle" : "steppedDown")}</strong>
            ${" "}${t(here ? "takeoverHere" : "takeoverGone")}</p>
        <button class=${here ? "" : "primary"} onClick=${() => setAsks(true)}>
            ${t("takeover")}</button>
        ${asks && html`<${Confirm} title=${t("takeoverTitle")} yes=${t("takeoverYes")}
            text=${`${t(here ? "takeoverHere" : "takeoverGone")} ${t("takeoverText")}`}
            close=${() => setAsks(false)} agree=${() => line("takeover yes", t("didTakeover"))}/>`}
    </div>`;
}

export function Standbys({ view }) {
    const others = view.standbys.filter(one => !one.leads);
    return others.length > 0 && html`<p class="standbys">${others.map(one => html`<span>
        ${t(one.here ? "standbyHere" : "standbyGone")}${one.here
            && `, ${t(one.holds_all ? "holdsAll" : "holdsNot")}`}</span>`)}</p>`;
}
