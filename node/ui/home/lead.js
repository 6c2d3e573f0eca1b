// Leads a workshop: starts its hub, or hub and tables, and opens their pages.
import { html, useEffect, useRef, useState } from "/dom.js";
import { openPage, Trouble, useAsk } from "/home/ask.js";
import { Qr } from "/qr.js";
import { inviteName, printCard } from "/home/invites.js";
import { t, whyText } from "/home/words.js";

function Kit({ kit, choose, phones, setPhones }) {
    const Choice = ({ id }) => html`<label class="choice"><input type="radio" name="kit"
        checked=${kit === id} onChange=${() => {
            choose(id);
            setPhones(id === "laptop"); // how else would people get at those tables?
        }}/>
        <span><strong>${t(`kit_${id}`)}</strong><br/>${t(`kitHelp_${id}`)}</span></label>`;
    return html`<fieldset><legend>${t("kit")}</legend><${Choice} id="devices"/>
        <${Choice} id="laptop"/>
        <label class="check"><input type="checkbox" checked=${phones}
            onChange=${event => setPhones(event.target.checked)}/> ${t("phones")}</label>
    </fieldset>`;
}

// The tables of a room on this machine, each with its page.
function RoomTables({ name }) {
    const ask = useAsk(), codes = useAsk(), phones = useAsk();
    useEffect(() => { codes.run({ do: "invites", name }); }, [name]);
    const tables = (codes.answer?.invites ?? []).filter(one => one.name.startsWith("table-"));
    const sheets = phones.answer?.links.filter(one => one.name.startsWith("table-"))
        .sort((a, b) => a.name.localeCompare(b.name));
    return html`<h4>${t("tablesHere")}</h4><p>${t("tablesHereHelp")}</p>
        <ul class="buttons">${tables.map(one => html`<li key=${one.name}>
            <button disabled=${ask.busy} onClick=${() => openPage(ask, name, one.name)}>
                ${inviteName(one.name)}</button></li>`)}</ul>
        <p class="row"><button disabled=${phones.busy}
                onClick=${() => phones.run({ do: "phones", name })}>${t("tableCodes")}</button>
            ${sheets && html`<button class="primary" onClick=${printCard}>
                ${t("print")}</button>`}</p>
        ${sheets && html`<div class="sheets">${sheets.map(one => html`
            <article class="invite" key=${one.name}><h3>${inviteName(one.name)}</h3>
                <${Qr} text=${one.url} label=${t("codeOf", { name: inviteName(one.name) })}/>
                <p>${t("how_phone")}</p></article>`)}</div>`}
        <${Trouble} text=${ask.trouble || phones.trouble}/>`;
}

function Running({ place }) {
    const ask = useAsk(), opened = useRef(false), starting = useRef(false),
        runs = place.state === "runs";
    starting.current ||= place.state === "starting";
    useEffect(() => {
        // Only just after the click that started it: later a browser lets no tab be opened unasked.
        if (runs && starting.current && !opened.current && navigator.userActivation?.isActive)
            openPage(ask, place.name, "own");
        opened.current ||= runs;
    }, [runs]);
    return html`<p class="good" role="status">${t(`state_${place.state}`)}</p>
        <p class="row"><button class="primary" disabled=${!runs || ask.busy}
                onClick=${() => openPage(ask, place.name, "own")}>${t("openLead")}</button>
            <button disabled=${!runs || ask.busy}
                onClick=${() => openPage(ask, place.name, "projector")}>
                    ${t("openProjector")}</button>
            <button onClick=${() => ask.run({ do: "stop", name: place.name })}>
                ${t("stop")}</button></p>
        <${Trouble} text=${ask.trouble || place.said}/>
        ${place.as === "room" && runs && html`<${RoomTables} name=${place.name}/>`}`;
}

export const isBusy = place => ["starting", "runs", "stopping"].includes(place.state);

export function Lead({ place }) {
    const ask = useAsk();
    const [kit, choose] = useState("devices"), [phones, setPhones] = useState(false);
    const start = () => ask.run({ do: "lead", name: place.name, phones,
        tables_here: kit === "laptop" });
    return html`<section class="card"><h3>${t("lead")}</h3><p>${t("leadHelp")}</p>
        ${isBusy(place) ? html`<${Running} place=${place}/>`
            : html`<${Kit} kit=${kit} choose=${choose} phones=${phones} setPhones=${setPhones}/>
                <button class="primary" disabled=${ask.busy} onClick=${start}>
                    ${t("leadStart")}</button>
                ${place.state === "ended" && place.said && html`<p class="trouble" role="alert">${
                    whyText(place.said)}</p>`}`}
        <${Trouble} text=${ask.trouble}/></section>`;
}
