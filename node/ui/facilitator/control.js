// Which page has the lead: this one, or another that can be asked for it.
import { html, useEffect, useState } from "/dom.js";
import { look, view } from "/link.js";
import { order } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

const SAY_MS = 10000; // the hub thinks a page silent after 30 s
const AGAIN_MS = 1000;

// {you, phone}: this page as the hub names it, and whether it is a phone's; null until it is known.
// Only a page that is opened takes the lead where nobody has it, or that had it when the hub began
// anew; who has it says so now and then.
export function useControl() {
    const [self, setSelf] = useState(null);
    useEffect(() => {
        let timer, known = null, had = false;
        const mayHold = () => {
            const { holder } = view.value.control;
            return !known || holder === known.you || (had && holder === null);
        };
        const say = async () => {
            clearTimeout(timer);
            if (mayHold()) {
                const answer = await look({ do: "control", want: "hold" });
                if (answer?.ok && !known)
                    setSelf(known = answer);
            }
            timer = setTimeout(say, known ? SAY_MS : AGAIN_MS);
        };
        const leave = () => { look({ do: "control", want: "drop" }); };
        const back = event => {
            if (event.persisted)
                look({ do: "control", want: "hold" });
        };
        const unwatch = view.watch(seen => {
            if (!known || !seen?.control)
                return;
            if (had && seen.control.holder === null)
                say();
            else
                had = seen.control.holder === known.you;
        });
        say();
        addEventListener("pagehide", leave);
        addEventListener("pageshow", back);
        return () => {
            clearTimeout(timer);
            unwatch();
            removeEventListener("pagehide", leave);
            removeEventListener("pageshow", back);
        };
    }, []);
    return self;
}

const want = what => order({ do: "control", want: what }, "");

export const hasLead = (seen, self) => Boolean(self) && seen.control.holder === self.you;

export function Control({ seen, self }) {
    const { holder, asker, silent } = seen.control;
    if (!self || (hasLead(seen, self) && !asker))
        return null;
    if (hasLead(seen, self))
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
