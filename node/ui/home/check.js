// Is the room's network fit for it? And what to do if not.
import { html, useState } from "/dom.js";
import { Trouble, useAsk } from "/home/ask.js";
import { adviceText, findingText, t } from "/home/words.js";

const MARKS = { ok: "✓", look: "!", problem: "✗" };

const Found = ({ one }) => html`<li class=${one.level}><span class="mark">${MARKS[one.level]}</span>
    <div><strong>${t(`check_${one.check}`)}</strong> <span
        class="visually-hidden">${t(one.level)}</span> ${findingText(one)}${adviceText(one)
            && html`<p class="advice">${adviceText(one)}</p>`}</div></li>`;

// One device waits, the other is told its address.
function Second({ ask, address }) {
    const [peer, setPeer] = useState("");
    return html`<details><summary>${t("second")}</summary><p>${t("secondHelp")}</p>
        <p class="row"><button disabled=${ask.busy}
            onClick=${() => ask.run({ do: "check", with: true })}>
            ${t("secondWait")}</button></p>
        <p>${t("secondThere", { address: address || t("addressHere") })}</p>
        <form class="row" onSubmit=${event => {
            event.preventDefault();
            ask.run({ do: "check", peer: peer.trim() });
        }}><label>${t("secondAddress")} <input required value=${peer} size="16"
            onInput=${event => setPeer(event.target.value)}/></label>
            <button disabled=${ask.busy}>${t("check")}</button></form></details>`;
}

export function Check() {
    const ask = useAsk(), found = ask.answer?.found;
    const address = found?.findings.find(one => one.check === "address")?.what;
    return html`<section class="card"><h3>${t("checkRoom")}</h3><p>${t("checkHelp")}</p>
        <button disabled=${ask.busy} onClick=${() => ask.run({ do: "check" })}>
            ${t(ask.busy ? "checking" : "checkRoom")}</button>
        ${found && html`<p class=${`verdict ${found.worst}`} role="status">
                ${t(`worst_${found.worst}`)}</p>
            <ul class="findings">${found.findings.map(one => html`
                <${Found} key=${one.code} one=${one}/>`)}</ul>`}
        <${Second} ask=${ask} address=${address}/><${Trouble} text=${ask.trouble}/></section>`;
}
