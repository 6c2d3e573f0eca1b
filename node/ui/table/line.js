// The board: one line from strongly stimulating, over the middle, to strongly hindering, with the
// other zones and aside below it.
import { html } from "/dom.js";
import { useStore } from "/store.js";
import { say } from "/text.js";
import { Card } from "/table/card.js";
import { drop, lifted } from "/table/lifted.js";
import { placesFor, placesOf } from "/table/model.js";
import { t } from "/table/words.js";

export function placeName(script, key) {
    if (key === "hand" || key === "aside")
        return t(key);
    const [zoneId, degree] = key.split("/");
    const zone = script.zones.find(one => one.id === zoneId);
    return Number(degree) ? `${say(zone.name)}, ${say(zone.degrees[degree - 1])}` : say(zone.name);
}

export function Place({ script, board, own, place, title, reading }) {
    const held = useStore(lifted), { key } = place;
    const cards = board.in(key);
    const takes = held && placesFor(script, held.card).some(one => one.key === key);
    const lay = takes && !reading ? () => drop(script, key) : undefined;
    const state = [place.left ? "left" : "right", takes ? "open" : held && "shut",
        takes && held.over === key && "over"];
    return html`<section class="place ${state.filter(Boolean).join(" ")}"
            data-place=${reading ? undefined : key}
            data-strength=${place.degree} aria-label=${placeName(script, key)} onClick=${lay}>
        <h3>${title}</h3>
        ${lay && held.at !== key && html`<button class="lay" onClick=${event =>
            event.stopPropagation() || lay()}>${t("layHere")}
            <span class="visually-hidden">${placeName(script, key)}</span></button>`}
        <ul>${cards.map(card => html`<li key=${`${card.id}/${card.copy}`}>
            <${Card} script=${script} board=${board} own=${own} card=${card} ...${reading?.(card)}/>
        </li>`)}</ul>
    </section>`;
}

// reading: card => {onTap, pressed} where the board is only looked at.
export function Line({ script, board, own, reading }) {
    const { line, zones, aside } = placesOf(script);
    const sides = [...new Set(line.map(place => place.zone))];
    const common = { script, board, own, reading };
    return html`<div class="board ${reading ? "reading" : ""}">
        <div class="line">
            ${sides.map(zone => html`<div key=${zone.id}
                    class="side ${line.find(place => place.zone === zone).left ? "left" : "right"}">
                <h2><span aria-hidden="true" class="arrow"></span>${say(zone.name)}</h2>
                <div class="degrees">${line.filter(place => place.zone === zone).map(place => html`
                    <${Place} key=${place.key} ...${common} place=${place}
                        title=${say(place.name)}/>`)}
                </div></div>`)}
        </div>
        <div class="beside">
            ${zones.map(place => html`<${Place} key=${place.key} ...${common} place=${place}
                title=${say(place.zone.name)}/>`)}
            <${Place} ...${common} place=${aside} title=${t("aside")}/>
        </div>
    </div>`;
}
