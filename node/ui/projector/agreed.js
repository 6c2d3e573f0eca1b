// The cards on which tables agree, and those on which they differ: how many boards have them on
// each side.
import { html } from "/dom.js";
import { say } from "/text.js";
import { byCard, categoriesOf, countOnSide } from "/projector/figures.js";
import { CategoryMark, cardName, t } from "/projector/words.js";

const OTHER = { colour: "#5b6472" };

function Ranked({ title, ids, script, found, most }) {
    const categories = categoriesOf(script), sides = script.zones.filter(zone => zone.side);
    return html`<div class="half"><h2>${title}</h2>
        ${ids.length === 0 && html`<p class="quiet">${t("noneAgreed")}</p>`}
        <table class="balance"><thead><tr><td></td>
            ${sides.map((zone, i) => html`<th scope="col" class=${`side side-${i}`}>
                ${say(zone.name)}</th>`)}</tr></thead>
        <tbody>${ids.map(id => {
            const card = script.cards.find(c => c.id === id) ?? { id: "blank" };
            return html`<tr key=${id}><th scope="row"><${CategoryMark}
                    category=${categories.find(c => c.id === card.category) ?? OTHER}/>
                    ${cardName(card)}</th>
                ${sides.map((zone, i) => {
                    const count = countOnSide(found.get(id), zone);
                    return html`<td class=${`bar side-${i} ${i === 0 ? "leftwards" : ""}`}>
                        <span class="track"><span class="length" aria-hidden="true"
                            style=${{ width: `${(100 * count / most).toFixed(1)}%` }}></span></span>
                        <span class="count">${count}</span></td>`;
                })}</tr>`;
        })}</tbody></table></div>`;
}

export function Agreed({ script, room }) {
    const merge = room.together, found = byCard(merge);
    const sides = script.zones.filter(zone => zone.side);
    const most = Math.max(1, ...merge.cards.flatMap(card =>
        sides.map(zone => countOnSide(card, zone))));
    return html`<section class="screen agreed"><div class="halves">
        ${["agreed", "split"].map(which => html`<${Ranked} key=${which} title=${t(which)}
            ids=${merge[which].filter(id => id !== "blank")} script=${script} found=${found}
            most=${most}/>`)}
    </div></section>`;
}
