// One note: a field that saves itself, with what it is (a quote, for plenary) and its card.
import { html } from "/dom.js";
import { Store, useStore } from "/store.js";
import { whyText } from "/why.js";
import { Badge, cardName } from "/table/card.js";
import { NoNames, Mark } from "/table/parts.js";
import { drafts, edit, save, settle, takeBack } from "/table/notekeeper.js";
import { t } from "/table/words.js";

// The note that a tap on a card is tied to: its base, or null.
export const active = new Store(null);

// As it stands on the screen: what the node says, with what is typed.
export function asShown(base, draft) {
    return draft ? { ...base, ...draft, revision: base.revision } : base;
}

// A note that is tied already gets the other card; a second tap on the same one unties it.
export function tie(base, card, copy) {
    const now = asShown(base, drafts.value[base.id]);
    const same = now.card === card && now.copy === copy;
    edit(base, same ? { card: null, copy: 1 } : { card, copy }, { soon: true });
}

function Versions({ note }) {
    const texts = [note.text, ...note.others.map(other => other.text)];
    return html`<div class="versions" role="group" aria-label=${t("twoVersions")}>
        <p><strong>${t("twoVersions")}</strong> ${t("twoVersionsHelp")}</p>
        ${texts.map((text, i) => html`<div class="version" key=${i}><blockquote>${text}</blockquote>
            <button onClick=${() => settle(note, text)}>${t("keepThis")}</button></div>`)}
        <button onClick=${() => settle(note, texts.join("\n"))}>${t("keepBoth")}</button>
    </div>`;
}

export function Note({ base, script, board, own, fresh, label }) {
    const draft = useStore(drafts)[base.id], isActive = useStore(active)?.id === base.id;
    const note = asShown(base, draft);
    const mark = !draft ? base : draft.seq ? { seq: draft.seq } : { waiting: true };
    const flip = name => edit(base, { [name]: !note[name] }, { soon: true });
    const lines = note.text.split("\n")
        .reduce((n, line) => n + 1 + Math.floor(line.length / 60), 0);
    const state = [isActive && "active", note.quote && "quote", fresh && "fresh"];
    return html`<li class="note ${state.filter(Boolean).join(" ")}"
            data-note=${base.id}>
        <textarea aria-label=${`${label} (${t(fresh ? "newNote" : "note")})`}
            rows=${Math.max(fresh ? 1 : 2, lines)}
            maxlength="4000" disabled=${base.cut} value=${note.text}
            placeholder=${fresh ? t("typeHere") : ""}
            onFocus=${() => { active.value = base; }}
            onInput=${event => edit(base, { text: event.target.value })}
            onBlur=${() => save(base.id)}></textarea>
        <div class="tools">
            ${(!fresh || isActive) && html`
            <button class="toggle" aria-pressed=${note.quote} onClick=${() => flip("quote")}>
                <span aria-hidden="true">“ ”</span> ${t("quote")}</button>
            <button class="toggle" aria-pressed=${note.plenary} onClick=${() => flip("plenary")}>
                <span aria-hidden="true">▲</span> ${t("toPlenary")}</button>
            ${note.card
                ? html`<button class="tied"
                    aria-label=${t("untie", { card: cardName(script, board, note.card) })}
                    onClick=${() => tie(base, note.card, note.copy)}>
                    <${Badge} script=${script} id=${note.card}/>
                        ${cardName(script, board, note.card)}
                    <span aria-hidden="true">×</span></button>`
                : isActive && html`<span class="small">${t("tapCard")}</span>`}
            ${note.released && html`<span class="tag">${t("shownInRoom")}</span>`}
            `}
            ${!fresh && html`<${Mark} of=${mark} own=${own}/>`}
            <${NoNames} script=${script}/>
            ${!fresh && html`<button class="drop" aria-label=${t("takeBack")} onClick=${() =>
                takeBack(base)}>×</button>`}
        </div>
        ${draft?.error && html`<p class="error" role="alert">
            ${t("notSaved")} ${whyText(draft.error)}</p>`}
        ${base.heads > 1 && html`<${Versions} note=${base}/>`}
    </li>`;
}
