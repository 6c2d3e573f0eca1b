// This device becomes a table, a rapporteur's, or a second hub; and goes on as what it was.
import { html, useState } from "/dom.js";
import { openPage, Trouble, useAsk } from "/home/ask.js";
import { isBusy } from "/home/lead.js";
import { freeName } from "/home/names.js";
import { t, whyText } from "/home/words.js";

export function Join({ view, go }) {
    const ask = useAsk(), [as, setAs] = useState("table"), [code, setCode] = useState("");
    const [host, setHost] = useState(""), [phones, setPhones] = useState(false);
    const join = async event => {
        event.preventDefault();
        const name = freeName(as, view.places.filter(place => place.state !== "ended"
            || place.is !== place.as || !place.said));
        const what = { do: "join", name, as, code, phones };
        if (host.trim())
            what.host = host.trim();
        if ((await ask.run(what)).ok)
            go({ at: "place", name });
    };
    return html`<form class="card" onSubmit=${join}><h2>${t("join")}</h2><p>${t("joinHelp")}</p>
        <label>${t("code")} <input required value=${code} size="24" autocomplete="off"
            autocapitalize="characters" spellcheck=${false} placeholder="ABCD-EFGH-JKMN-PQRS"
            onInput=${event => setCode(event.target.value)}/></label>
        <label>${t("joinAs")} <select value=${as} onChange=${event => setAs(event.target.value)}>
            ${["table", "rapporteur", "standby"].map(kind => html`
                <option key=${kind} value=${kind}>${t(`as_${kind}`)}</option>`)}</select></label>
        <details><summary>${t("notFound")}</summary><label>${t("hubAddress")}
            <input value=${host} placeholder="192.0.2.10:7450"
                onInput=${event => setHost(event.target.value)}/></label></details>
        <label class="check"><input type="checkbox" checked=${phones}
            onChange=${event => setPhones(event.target.checked)}/> ${t("phonesHere")}</label>
        <p class="row"><button class="primary" disabled=${ask.busy}>${t("joinIt")}</button>
            <button type="button" onClick=${() => go({ at: "start" })}>${t("back")}</button></p>
        <${Trouble} text=${ask.trouble}/></form>`;
}

export function Device({ place }) {
    const ask = useAsk(), runs = place.state === "runs";
    const text = place.state ? t(`device_${place.state}`) : t("device_");
    return html`<section class="card"><p role="status">${text}</p>
        ${place.said && html`<${Trouble} text=${whyText(place.said)}/>`}
        <p class="row">${isBusy(place)
            ? html`<button class="primary" disabled=${!runs || ask.busy}
                onClick=${() => openPage(ask, place.name, "own")}>${t("openDevice")}</button>
                <button onClick=${() => ask.run({ do: "stop", name: place.name })}>
                    ${t("stop")}</button>`
            : html`<button class="primary" disabled=${ask.busy}
                onClick=${() => ask.run({ do: "resume", name: place.name })}>
                    ${t("resume")}</button>`}</p>
        <${Trouble} text=${ask.trouble}/></section>`;
}
