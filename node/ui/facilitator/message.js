// A message to all tables, or to one.
import { html, useState } from "/dom.js";
import { order } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

// to: a table's number; without, it can be chosen from tables.
export function MessageBox({ to, tables = [], may }) {
    const [text, setText] = useState(""), [chosen, setChosen] = useState(0);
    const table = to ?? Number(chosen);
    const send = async event => {
        event.preventDefault();
        const name = table ? t("table", { n: table }) : t("allTables");
        if (await order({ do: "message", table, text: text.trim() }, t("didMessage", { to: name })))
            setText("");
    };
    const id = to ? "message-one" : "message-all";
    return html`<form class="message row" onSubmit=${send}>
        <label for=${id}>${t("message")}</label>
        ${!to && tables.length > 0 && html`<select aria-label=${t("messageTo")} value=${chosen}
            onChange=${event => setChosen(event.target.value)}>
            <option value="0">${t("allTables")}</option>
            ${tables.map(n => html`<option value=${n}>${t("table", { n })}</option>`)}</select>`}
        <input id=${id} maxlength="500" autocomplete="off" placeholder=${t("messageHint")}
            value=${text} onInput=${event => setText(event.target.value)}/>
        <button disabled=${!may}>${t("send")}</button></form>`;
}
