// What is said about the card that people look at: why it lies there, what it is linked with.
import { html } from "/dom.js";
import { say } from "/text.js";
import { Badge, cardId, cardName } from "/table/card.js";
import { useTyped } from "/table/drafts.js";
import { act, chosen, drop, lift, lifted, linking, putBack } from "/table/lifted.js";
import { isBlank, keyOf, placeKey, placesFor } from "/table/model.js";
import { Mark, NoNames } from "/table/parts.js";
import { placeName } from "/table/line.js";
import { t } from "/table/words.js";

function Why({ script, card, board, own }) {
    const { id, copy } = card, what = { do: "why", card: id, copy };
    const [text, type, save] = useTyped(`why/${keyOf(id, copy)}`, board.round, card.why, what);
    const asks = say(script.cards.find(one => one.id === id)?.question) || t("why");
    return html`<div class="field">
        <label for="why">${asks}</label> <${NoNames} script=${script}/> <${Mark} of=${card}
            own=${own}/>
        <textarea id="why" rows="3" value=${text} maxlength="2000" disabled=${card.cut}
            onInput=${event => type(event.target.value)} onBlur=${save}
            onKeyDown=${event => event.key === "Escape"
                && document.getElementById(cardId(id, copy))?.focus()}></textarea>
        <button class="toggle" aria-pressed=${card.none} onClick=${() =>
            act({ ...what, text: card.none ? "" : null })}>${t("noneGiven")}</button>
    </div>`;
}

function Tie({ script, board, own, link, from }) {
    const outward = link.from === from.id && link.from_copy === from.copy;
    const { from: start, from_copy, to: end, to_copy } = link;
    const members = { from: start, from_copy, to: end, to_copy };
    const name = cardName(script, board, outward ? link.to : link.from);
    const [word, type, save] = useTyped(`link/${start}/${from_copy}/${end}/${to_copy}`, board.round,
        link.word, { do: "link", ...members }, "word");
    return html`<li class="tie-edit">
        <span>⟷ ${name}</span> <${Mark} of=${link} own=${own}/>
        <div class="row"><input aria-label=${t("linkWord", { card: name })} placeholder=${t("word")}
            value=${word} maxlength="200" onBlur=${save}
            onInput=${event => type(event.target.value)}
            onKeyDown=${event => event.key === "Enter" && save()}/>
        <button aria-label=${t("unlink", { card: name })} onClick=${() =>
            act({ do: "unlink", ...members })}>×</button></div>
        <${NoNames} script=${script}/>
    </li>`;
}

function BlankText({ script, board, id }) {
    const blank = board.blanks.find(one => one.id === id);
    const [text, type, save] = useTyped(`blank/${id}`, board.round, blank?.text ?? "",
        { do: "blank", blank: id });
    return html`<div class="field"><label for="blank-text">${t("blankText")}</label>
        <${NoNames} script=${script}/>
        <input id="blank-text" value=${text} maxlength="200" onBlur=${save}
            onInput=${event => type(event.target.value)}/></div>`;
}

function moveTo(script, card, key) {
    lift(card.id, card.copy, placeKey(card), "tap");
    drop(script, key);
}

function Moves({ script, card }) {
    const here = placeKey(card);
    return html`<div class="moves" role="group" aria-label=${t("moveTo")}>
        ${placesFor(script, card.id).filter(place => place.key !== here).map(place => html`<button
            key=${place.key} class="move ${place.left
                ? "left" : place.zone?.side ? "right" : ""}" data-strength=${place.degree}
            onClick=${() => moveTo(script, card, place.key)}>
            ${placeName(script, place.key)}</button>`)}</div>`;
}

export function Panel({ script, board, own, onNote }) {
    const { card: id, copy } = chosen.value, card = board.card({ card: id, copy });
    const links = board.links.filter(one => (one.from === id && one.from_copy === copy)
        || (one.to === id && one.to_copy === copy));
    const done = () => {
        putBack();
        chosen.value = linking.value = null;
        document.getElementById(cardId(id, copy))?.focus();
    };
    return html`<section class="panel" aria-labelledby="panel-title">
        <div class="panel-head"><${Badge} script=${script} id=${id}/>
            <h2 id="panel-title">${cardName(script, board, id)}
                <span class="small">${placeName(script, placeKey(card))}</span></h2>
            <button class="close" aria-label=${t("close")} onClick=${done}>×</button></div>
        ${isBlank(id) && html`<${BlankText} key=${id} script=${script} board=${board} id=${id}/>`}
        <${Why} key=${keyOf(id, copy)} script=${script} card=${card} board=${board} own=${own}/>
        ${links.length > 0 && html`<ul class="ties">${links.map(link => html`<${Tie}
            key=${`${link.from}/${link.from_copy}/${link.to}/${link.to_copy}`}
            script=${script} board=${board} own=${own} link=${link} from=${card}/>`)}</ul>`}
        <div class="row">
            <button aria-pressed=${linking.value !== null} onClick=${() => {
                putBack();
                linking.value = linking.value ? null : { card: id, copy };
            }}>${t(linking.value ? "linkStop" : "link")}</button>
            <button onClick=${() => onNote(id, copy)}>${t("noteOn")}</button>
            <button onClick=${() => moveTo(script, card, "hand")}>${t("toHand")}</button>
        </div>
        ${linking.value && html`<p class="hint" role="status">${t("linkHelp")}</p>`}
        <details class="move-list"><summary>${t("moveTo")}</summary>
            <${Moves} script=${script} card=${card}/></details>
    </section>`;
}

// Where the card that was lifted from the hand may go: for screens on which the board is far away,
// and for those who can't see it.
export function Where({ script, board }) {
    const { card, copy } = lifted.value;
    return html`<section class="panel"
        aria-label=${t("whereTo", { card: cardName(script, board, card) })}>
        <div class="panel-head"><${Badge} script=${script} id=${card}/>
            <h2>${cardName(script, board, card)}</h2>
            <button class="close" aria-label=${t("cancel")} onClick=${putBack}>×</button></div>
        <${Moves} script=${script} card=${board.card({ card, copy })}/>
    </section>`;
}

// A new blank card.
export function BlankForm({ script, done }) {
    const write = async event => {
        event.preventDefault();
        const text = event.target.elements.text.value.trim();
        done();
        if (text)
            await act({ do: "blank", text });
    };
    return html`<form class="panel" onSubmit=${write}>
        <div class="field"><label for="new-blank">${t("blankText")}</label> <${NoNames}
            script=${script}/>
            <input id="new-blank" name="text" maxlength="200" autocomplete="off" required
                ref=${field => field?.focus()}/></div>
        <div class="row"><button class="primary">${t("write")}</button>
            <button type="button" onClick=${done}>${t("cancel")}</button></div>
    </form>`;
}
