// Which page has the lead: this one, or another that can be asked for it.
import { html, useEffect, useState } from "/dom.js";
import { look } from "/link.js";
import { order } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

const SAY_MS = 10000; // the hub thinks a page silent after 30 s
const AGAIN_MS = 1000;

// {you, phone}: this page as the hub names it, and whether it is a phone's; null until it is known.
export function useControl() {
    const [self, setSelf] = useState(null);
    useEffect(() => {
        let timer, gone = false;
        const say = async () => {
            const answer = await look({ do: "control", want: "hold" });
            if (gone)
                return;
            if (answer?.ok)
                setSelf(before => before?.you === answer.you ? before : answer);
            timer = setTimeout(say, answer ? SAY_MS : AGAIN_MS);
        };
        say();
        return () => {
            gone = true;
            clearTimeout(timer);
        };
    }, []);
    return self;
}

const want = what => order({ do: "control", want: what }, "");

export const hasLead = (view, self) => Boolean(self) && view.control.holder === self.you;

export function Control({ view, self }) {
    const { holder, asker, silent } = view.control;
    if (!self || (hasLead(view, self) && !asker))
        return null;
    if (hasLead(view, self))
        return html`<div class="banner" role="alert"><p><strong>${t("wants")}</strong></p>
            <button class="primary" onClick=${() => want("give")}>${t("handOver")}</button>
            <button onClick=${() => want("keep")}>${t("keep")}</button></div>`;
    const mayTake = !self.phone && (!holder || silent);
    return html`<div class="banner" role="status"><p>${t(!holder ? "nobodyLeads"
        : silent ? "silent" : "otherLeads")} ${asker === self.you && t("asked")}</p>
        ${mayTake ? html`<button class="primary" onClick=${() => want("take")}>
            ${t("takeLead")}</button>`
            : asker !== self.you && html`<button onClick=${() => want("ask")}>
                ${t("askLead")}</button>`}</div>`;
}
