// A card: grabbed, tapped, or moved with the keys. On the board it shows what is said about it.
import { html } from "/dom.js";
import { useStore } from "/store.js";
import { say } from "/text.js";
import { grab } from "/table/drag.js";
import { act, chooseNth, chosen, drop, isThat, lift, lifted, linking, moveOver, putBack }
    from "/table/lifted.js";
import { inkOn, isBlank, letterOf, placeKey } from "/table/model.js";
import { Mark } from "/table/parts.js";
import { t } from "/table/words.js";

const FOCUS_TRIES = 120; // frames

export const cardId = (id, copy) => `card-${id}-${copy}`;

export function cardName(script, board, id) {
    const known = script.cards.find(card => card.id === id);
    return known ? say(known.name)
        : board.blanks.find(blank => blank.id === id)?.text || t("blank");
}

// The category's colour with its letter; what has no category has a sign.
export function Badge({ script, id }) {
    const category = script.categories.find(one =>
        one.id === script.cards.find(card => card.id === id)?.category);
    const style = category ? { background: category.colour, color: inkOn(category.colour) } : {};
    return html`<span class="badge ${category ? "" : isBlank(id) ? "blank" : "yield"}"
        style=${style}
        aria-hidden="true">
        ${category ? letterOf(script, category.id) : isBlank(id) ? "✎" : "★"}</span>`;
}

function link(from, to) {
    linking.value = null;
    if (from.card !== to.card || from.copy !== to.copy)
        act({ do: "link", from: from.card, from_copy: from.copy, to: to.card, to_copy: to.copy,
            word: "" });
    chosen.value = from;
}

function tap(script, card, copy, at, how) {
    if (linking.value)
        return link(linking.value, { card, copy });
    const held = lifted.value;
    if (isThat(held, card, copy))
        return putBack();
    // A tap on a card that lies there means the place, if a card comes from the hand.
    if (held && held.at === "hand" && at !== "hand")
        return drop(script, at);
    lift(card, copy, at, how);
    chosen.value = at === "hand" ? null : { card, copy };
}

// The panel is drawn in a frame or two, on a busy machine later.
function focusWhy(tries) {
    requestAnimationFrame(() => {
        const why = document.getElementById("why");
        why?.focus();
        if (tries > 0 && (!why || document.activeElement !== why))
            focusWhy(tries - 1);
    });
}

function onKey(event, script, card, copy, at) {
    if (event.ctrlKey || event.altKey || event.metaKey)
        return;
    const { key } = event, held = isThat(lifted.value, card, copy) ? lifted.value : null;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    if (key === "Enter" || key === " ") {
        if (!held)
            tap(script, card, copy, at, "key");
        else if (held.over)
            drop(script, held.over);
        else
            putBack();
    } else if (held && step) {
        moveOver(script, step);
    } else if (held && /^[1-9]$/.test(key)) {
        chooseNth(script, key - 1);
    } else if (key === "w" && at !== "hand") {
        chosen.value = { card, copy };
        focusWhy(FOCUS_TRIES);
    } else {
        return;
    }
    event.preventDefault();
}

function Said({ script, board, card }) {
    const links = board.links.filter(one => (one.from === card.id && one.from_copy === card.copy)
        || (one.to === card.id && one.to_copy === card.copy));
    return html`<span class="said">
        ${card.none ? html`<span class="none">${t("noneGiven")}</span>`
            : card.why ? html`<span class="why">${card.why}</span>`
                : html`<span class="ask">${t("whyAsk")}</span>`}
        ${links.map(one => html`<span class="tie"><span aria-hidden="true">⟷</span>
            <span class="visually-hidden">${t("linkedWith")}</span>
            ${cardName(script, board, one.from === card.id ? one.to : one.from)}
            ${one.word && html`: “${one.word}”`}</span>`)}
    </span>`;
}

// count: how many copies lie under it in the hand. onTap: what a tap does instead (read only).
export function Card({ script, board, own, card, count = 1, onTap, pressed }) {
    const held = useStore(lifted), seen = useStore(chosen), from = useStore(linking);
    const { id, copy, at } = card, place = placeKey(card);
    const name = cardName(script, board, id), isHeld = isThat(held, id, copy);
    const state = [isHeld && "lifted", isThat(seen, id, copy) && "chosen",
        isThat(from, id, copy) && "linking", at === "hand" ? "in-hand" : "laid"];
    const reading = onTap
        ? { onClick: () => onTap(id, copy), "aria-pressed": pressed }
        : {
            onClick: event => event.stopPropagation() || tap(script, id, copy, place, "tap"),
            onKeyDown: event => onKey(event, script, id, copy, place),
            onPointerDown: event => grab(event, script, id, copy, place),
            onContextMenu: event => event.preventDefault(),
            "aria-pressed": isHeld,
            "aria-describedby": "card-help",
        };
    return html`<button id=${onTap ? undefined : cardId(id, copy)} type="button" data-card=${id}
            data-copy=${copy} class="card ${state.filter(Boolean).join(" ")}" ...${reading}>
        <${Badge} script=${script} id=${id}/>
        <span class="name">${name}${count > 1 && html` <span class="count">
            ${t("copies", { n: count })}</span>`}</span>
        ${at !== "hand" && html`<${Mark} of=${card} own=${own}/>`}
        ${at !== "hand" && at !== "aside" && html`<${Said} script=${script} board=${board}
            card=${card}/>`}
    </button>`;
}
