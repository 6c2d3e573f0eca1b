// The report, downloaded: fetched with the session, so that no link to it is left anywhere.
import { html, useState } from "/dom.js";
import { language } from "/text.js";
import { Trouble, useAsk } from "/home/ask.js";
import { t } from "/home/words.js";

const FORMATS = ["text", "csv", "json"];
const TYPES = { text: "text/plain", csv: "text/csv", json: "application/json" };

function save({ file, base64 }, type) {
    const text = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, letter => letter.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    const link = document.createElement("a");
    link.href = url;
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function Edition({ name, full, ask, inLanguage }) {
    const get = async format => {
        const answer = await ask.run({ do: "report", name, format, full, language: inLanguage });
        if (answer.ok)
            save(answer, TYPES[format]);
    };
    const id = full ? "full" : "participants";
    return html`<h4>${t(`edition_${id}`)}</h4><p>${t(`editionHelp_${id}`)}</p>
        <ul class="buttons">${FORMATS.map(format => html`<li key=${format}><button
            disabled=${ask.busy}
            onClick=${() => get(format)}>${t(`format_${format}`)}</button></li>`)}</ul>`;
}

export function Report({ name }) {
    const ask = useAsk(), [inLanguage, setLanguage] = useState(language.value);
    return html`<section class="card"><h3>${t("report")}</h3>
        <label>${t("reportLanguage")} <select value=${inLanguage}
            onChange=${event => setLanguage(event.target.value)}>
            <option value="nl">Nederlands</option><option value="en">English</option>
            <option value="">${t("firstLanguage")}</option></select></label>
        <${Edition} name=${name} full=${false} ask=${ask} inLanguage=${inLanguage}/>
        <${Edition} name=${name} full=${true} ask=${ask} inLanguage=${inLanguage}/>
        <${Trouble} text=${ask.trouble}/></section>`;
}
