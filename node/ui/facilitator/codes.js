// The codes that let devices in, each with its QR; shown only when asked for.
import { html, useEffect, useState } from "/dom.js";
import { look } from "/link.js";
import { Qr } from "/qr.js";
import { Dialog } from "/facilitator/dialog.js";
import { line, refusalText } from "/facilitator/orders.js";
import { RemoteCode } from "/facilitator/phones.js";
import { t } from "/facilitator/words.js";

const kindOf = name => name.slice(0, name.lastIndexOf("-"));
const numberOf = name => Number(name.slice(name.lastIndexOf("-") + 1));

export function placeName(name) {
    const n = numberOf(name);
    if (kindOf(name) === "standby")
        return t("standby", { n });
    return kindOf(name) === "rapporteur" ? `${t("table", { n })}, ${t("rapporteur")}`
        : t("table", { n });
}

export function CodeDialog({ name, door, close }) {
    const [answer, setAnswer] = useState(null);
    useEffect(() => {
        let gone = false;
        look({ do: "code", name }).then(got => !gone && setAnswer(got ?? { ok: false, why: "" }));
        return () => { gone = true; };
    }, [name]);
    return html`<${Dialog} title=${placeName(name)} close=${close} kind="code">
        ${answer && !answer.ok && html`<p role="alert">${answer.why ? refusalText(answer)
            : t("noAnswer")}</p>`}
        ${answer?.ok && html`<${Qr} text=${answer.code} label=${t("code")}/>
            <p class="code-text">${answer.code}</p>
            <p>${t("codeHow", { kind: kindOf(name), code: answer.code })}</p>
            ${door && html`<p>${t("hubAt", { door })}</p>`}
            <p class="quiet">${t("codeSecret")}</p>`}
    </${Dialog}>`;
}

export function Codes({ view, showCode, may }) {
    const addTable = async () => {
        const done = await line("add", "");
        const n = done?.said.map(text => text.match(/added table (\d+)/)?.[1]).find(Boolean);
        if (n)
            showCode(`table-${n.padStart(2, "0")}`);
    };
    const addStandby = async () => {
        const done = await line("standby", t("didStandby"));
        const name = done?.said.map(text => text.match(/^(standby-\d+)/)?.[1]).find(Boolean);
        if (name)
            showCode(name);
    };
    return html`<section class="codes"><p class="quiet">${t("codesHelp")}</p>
        <div class="row"><button disabled=${!may} onClick=${addTable}>${t("addTable")}</button>
            <button disabled=${!may} onClick=${addStandby}>${t("standbyDo")}</button>
            <${RemoteCode}/></div>
        <ul class="places">${view.invites.map(invite => html`<li key=${invite.name}>
            <button onClick=${() => showCode(invite.name)}>${placeName(invite.name)}
                <small>${t(invite.used ? "codeUsed" : "codeFree")}</small></button></li>`)}</ul>
    </section>`;
}
