// The hand: every card that lies nowhere, by category, each with the copies that are left.
import { html, useState } from "/dom.js";
import { useStore } from "/store.js";
import { say } from "/text.js";
import { Card } from "/table/card.js";
import { drop, lifted } from "/table/lifted.js";
import { inkOn, letterOf } from "/table/model.js";
import { t } from "/table/words.js";

// The copies of a card that are in the hand, lowest first; the lifted one on top.
function copiesInHand(board, { id, copies }, held) {
    const list = Array.from({ length: copies }, (_, i) => i + 1)
        .filter(copy => board.isInHand(id, copy));
    return held?.card === id && list.includes(held.copy)
        ? [held.copy, ...list.filter(copy => copy !== held.copy)] : list;
}

function Heap({ title, badge, cards, script, board, own, held, children }) {
    const shown = cards.map(card => ({ card, copies: copiesInHand(board, card, held) }));
    return html`<section class="heap" aria-label=${`${t("hand")}: ${title}`}>
        <h3>${badge}${title}</h3>
        <ul>${shown.filter(({ copies }) => copies.length > 0).map(({ card, copies }) => html`
            <li key=${card.id}><${Card} script=${script} board=${board} own=${own}
                count=${copies.length}
                card=${board.card({ card: card.id, copy: copies[0] })}/></li>`)}
            ${children}</ul>
    </section>`;
}

export function Hand({ script, board, own, onBlank }) {
    const held = useStore(lifted), [folded, fold] = useState(false);
    const common = { script, board, own, held };
    const blanks = board.blanks.map(blank => ({ id: blank.id, copies: 1 }));
    const takes = held && held.at !== "hand";
    const zones = script.zones.filter(zone => !zone.side);
    const others = script.cards.filter(card => !card.category && !card.zone);
    const ofCategory = id => script.cards.filter(card => card.category === id);
    const sizes = script.categories.map(category => ofCategory(category.id).length);
    const heaps = script.categories.map(category => html`<${Heap} key=${category.id} ...${common}
        title=${say(category.name)} cards=${ofCategory(category.id)}
        badge=${html`<span class="badge" aria-hidden="true" style=${{ background: category.colour,
            color: inkOn(category.colour) }}>${letterOf(script, category.id)}</span>`}/>`);
    // Own cards stand below the smallest heap, where there is room.
    if (script.blank_count > 0)
        heaps.splice(1 + sizes.indexOf(Math.min(...sizes)), 0, html`<${Heap}
            key="blanks" ...${common}
            title=${t("blanks")} cards=${blanks}
            badge=${html`<span class="badge blank" aria-hidden="true">✎</span>`}>
            ${blanks.length < script.blank_count && html`<li><button class="card new"
                onClick=${event =>
                event.stopPropagation() || onBlank()}>${t("newBlank")}</button></li>`}</${Heap}>`);
    const state = [folded && "folded", takes && "open", takes && held.over === "hand" && "over"];
    return html`<section class="hand ${state.filter(Boolean).join(" ")}" data-place="hand"
            aria-label=${t("hand")} onClick=${takes ? () => drop(script, "hand") : undefined}>
        <h2 class="visually-hidden">${t("hand")}</h2>
        <button class="fold" aria-expanded=${!folded} onClick=${event =>
            event.stopPropagation() || fold(!folded)}>
            <span class=${folded ? "" : "visually-hidden"}>${t("hand")}</span>
            <span aria-hidden="true">${folded ? "▴" : "▾"}</span></button>
        ${!folded && html`<div class="heaps">
            ${others.length > 0 && html`<${Heap} ...${common} title=${t("cards")}
                cards=${others}/>`}
            ${heaps}
            ${zones.map(zone => html`<${Heap} key=${zone.id} ...${common} title=${say(zone.name)}
                cards=${script.cards.filter(card => card.zone === zone.id)}
                badge=${html`<span class="badge yield" aria-hidden="true">★</span>`}/>`)}
        </div>`}
    </section>`;
}
