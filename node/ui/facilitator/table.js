// One table, opened from its tile: how it is in whole sentences, and what can be done for it.
import { html, useState } from "/dom.js";
import { Confirm, Dialog } from "/facilitator/dialog.js";
import { MessageBox } from "/facilitator/message.js";
import { Outcome } from "/facilitator/now.js";
import { line } from "/facilitator/orders.js";
import { heardText, lastSeen, presence } from "/facilitator/tiles.js";
import { countText, t } from "/facilitator/words.js";

export const seatName = (kind, n) => `${kind}-${String(n).padStart(2, "0")}`;

function Device({ device, name, showCode, renew, may }) {
    return html`<section class="device"><h3>${name}</h3>
        <p>${[presence(device), device.joined && t(device.ready ? "isReady" : "notReady"),
            device.joined && t(device.safe ? "isSafe" : "notSafe"),
            device.joined && heardText(device), lastSeen(device)].filter(Boolean).join(" · ")}</p>
        ${device.problem && html`<p class="todo">${t(`do_${device.problem}`)}</p>`}
        <div class="row"><button onClick=${showCode}>${t("showCode")}</button>
            ${device.joined && html`<button disabled=${!may} onClick=${renew}>
                ${t("renewDo")}</button>`}</div></section>`;
}

function Merge({ number, tables, may }) {
    const [into, setInto] = useState("");
    const others = tables.filter(table => table.number !== number && table.device?.joined);
    return html`<div class="row"><label for="merge-into">${t("mergeDo")}</label>
        <select id="merge-into" value=${into} onChange=${event => setInto(event.target.value)}>
            <option value="">${t("choose")}</option>
            ${others.map(table => html`<option value=${table.number}>${table.number}</option>`)}
        </select>
        <button disabled=${!may || !into} onClick=${() => line(`merge ${number} ${into}`,
            t("didMerge", { n: number, into }))}>${t("merge")}</button>
        <span class="quiet">${t("mergeHelp")}</span></div>`;
}

export function TableDialog({ number, tables, close, showCode, may }) {
    const table = tables.find(one => one.number === number);
    const [renews, setRenews] = useState(null);
    if (!table)
        return null;
    const { device, rapporteur } = table;
    const renew = async name => {
        if (await line(`renew ${name}`, t("didRenew")))
            showCode(name);
    };
    const devices = [["table", device], ["rapporteur", rapporteur]].filter(([, one]) => one);
    return html`<${Dialog} title=${t("table", { n: number })} close=${close}>
        ${device?.joined && html`<p>${t("onRound", { n: device.round })} · ${
            countText("cards", device.cards)} · ${countText("notes", device.notes)}</p>`}
        ${devices.map(([kind, one]) => html`<${Device} key=${kind} device=${one} may=${may}
            name=${t(kind === "table" ? "tableDevice" : "rapporteur")}
            showCode=${() => showCode(seatName(kind, number))}
            renew=${() => setRenews(seatName(kind, number))}/>`)}
        ${device?.joined && html`<${MessageBox} to=${number} may=${may}/>
            <div class="row">${device.aside
                ? html`<button disabled=${!may} onClick=${() => line(`return ${number}`,
                    t("didReturn", { n: number }))}>${t("returnDo")}</button>`
                : html`<button disabled=${!may} onClick=${() => line(`aside ${number}`,
                    t("didAside", { n: number }))}>${t("asideDo")}</button>
                    <span class="quiet">${t("asideHelp")}</span>`}</div>
            <${Merge} number=${number} tables=${tables} may=${may}/>`}
        <${Outcome}/>
        ${renews && html`<${Confirm} title=${t("renewTitle", { name: renews })}
            text=${t("renewText")} yes=${t("renewYes")} close=${() => setRenews(null)}
            agree=${() => renew(renews)}/>`}
    </${Dialog}>`;
}
