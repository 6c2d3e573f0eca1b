// The invites: a sheet a device, with its code and QR, for the printer.
import { html, useState } from "/dom.js";
import { Qr } from "/qr.js";
import { Trouble, useAsk } from "/home/ask.js";
import { t } from "/home/words.js";

export function inviteName(name) {
    const [kind, number] = name.split("-");
    return t(kind, { n: Number(number) });
}

// Prints the card that the button stands in, and nothing else.
export function printCard(event) {
    const card = event.currentTarget.closest(".card");
    card.classList.add("printing");
    print();
    card.classList.remove("printing");
}

const Invite = ({ invite }) => html`<article class="invite">
    <h3>${inviteName(invite.name)}</h3>
    <${Qr} text=${invite.code} label=${t("codeOf", { name: inviteName(invite.name) })}/>
    <p class="code">${invite.code}</p>
    <p>${invite.used ? t("codeUsed") : t(`how_${invite.name.split("-")[0]}`)}</p></article>`;

export function Invites({ name }) {
    const ask = useAsk(), [rapporteurs, setRapporteurs] = useState(true);
    const all = ask.answer?.invites ?? [];
    const chosen = all.filter(one => rapporteurs || !one.name.startsWith("rapporteur"))
        .sort((a, b) => a.name.split("-")[1].localeCompare(b.name.split("-")[1])
            || b.name.localeCompare(a.name));
    return html`<section class="card"><h3>${t("invites")}</h3><p>${t("invitesHelp")}</p>
        ${!ask.answer ? html`<button disabled=${ask.busy}
            onClick=${() => ask.run({ do: "invites", name })}>${t("showInvites")}</button>`
            : html`<p class="row"><button class="primary" onClick=${printCard}>
                ${t("print")}</button>
                <label class="check"><input type="checkbox" checked=${rapporteurs}
                    onChange=${event => setRapporteurs(event.target.checked)}/>
                    ${t("withRapporteurs")}</label>
                <button onClick=${() => ask.run({ do: "invites", name })}>${t("again")}</button></p>
                <div class="sheets">${chosen.map(invite => html`
                    <${Invite} key=${invite.name} invite=${invite}/>`)}</div>`}
        <${Trouble} text=${ask.trouble}/></section>`;
}
