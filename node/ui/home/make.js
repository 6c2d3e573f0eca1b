// Makes a workshop.
import { html, useState } from "/dom.js";
import { Trouble, useAsk } from "/home/ask.js";
import { freeName, slug } from "/home/names.js";
import { ScriptChoice } from "/home/script.js";
import { t } from "/home/words.js";

export function Make({ view, go }) {
    const [title, setTitle] = useState(() => freeName(t("workshopName"), view.places));
    const [script, setScript] = useState(view.scripts[0]), [tables, setTables] = useState(12);
    const ask = useAsk(), name = slug(title);
    const make = async event => {
        event.preventDefault();
        if ((await ask.run({ do: "new", name, script, tables })).ok)
            go({ at: "place", name });
    };
    return html`<form class="card" onSubmit=${make}><h2>${t("make")}</h2>
        <label>${t("name")} <input required value=${title} maxlength="60"
            onInput=${event => setTitle(event.target.value)}/></label>
        <p class="quiet">${t("keptAs", { path: `${view.folder}/${name}` })}</p>
        <${ScriptChoice} scripts=${view.scripts} chosen=${script} choose=${setScript}/>
        <label>${t("tables")} <input type="number" min="1" max="100" required value=${tables}
            onInput=${event => setTables(Number(event.target.value))}/></label>
        <p class="row"><button class="primary" disabled=${ask.busy || !name}>${t("makeIt")}</button>
            <button type="button" onClick=${() => go({ at: "start" })}>${t("back")}</button></p>
        <${Trouble} text=${ask.trouble}/></form>`;
}
