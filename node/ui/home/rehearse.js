// A rehearsal: the whole workshop in a minute, with people that this computer plays.
import { html, useState } from "/dom.js";
import { ScriptChoice } from "/home/script.js";
import { Trouble, useAsk } from "/home/ask.js";
import { t } from "/home/words.js";

function Progress({ said }) {
    const seconds = said.match(/^\s*(\d+) s/)?.[1] ?? 0,
        saved = said.match(/(\d+) saved/)?.[1] ?? 0;
    const [, step = 0, steps = 1] = said.match(/step (\d+) of (\d+)/) ?? [];
    return html`<p role="status">${t("rehearsing", { seconds, saved, step, steps })}</p>
        <progress max=${steps} value=${step} aria-label=${t("rehearse")}></progress>`;
}

export function Rehearse({ view }) {
    const [script, setScript] = useState(view.scripts[0]), [tables, setTables] = useState(4);
    const ask = useAsk(), { state, said } = view.rehearsal;
    return html`<section class="card"><h3>${t("rehearse")}</h3><p>${t("rehearseHelp")}</p>
        ${state === "runs" ? html`<${Progress} said=${said}/>` : html`
            <details><summary>${t("rehearseWhat")}</summary>
                <${ScriptChoice} scripts=${view.scripts} chosen=${script} choose=${setScript}/>
                <label>${t("tables")} <input type="number" min="1" max="30" value=${tables}
                    onInput=${event => setTables(Number(event.target.value))}/></label></details>
            <button disabled=${ask.busy}
                onClick=${() => ask.run({ do: "rehearse", script, tables })}>
                ${t("rehearseStart")}</button>`}
        ${state === "good" && html`<p class="good" role="status">✓ ${t("rehearsalGood")}</p>`}
        ${state === "bad" && html`<p class="trouble" role="alert">${t("rehearsalBad")} ${said}</p>`}
        <${Trouble} text=${ask.trouble}/></section>`;
}
