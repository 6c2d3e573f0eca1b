// The rounds beside each other: where cards lie at the end, and where they were laid first.
import { html } from "/dom.js";
import { byCard, cardGroups, columnsOf, countAt, largest } from "/projector/figures.js";
import { Cell, Heads } from "/projector/board.js";
import { CategoryMark, cardName, t } from "/projector/words.js";

function Round({ script, merge, groups, most }) {
    const columns = columnsOf(script), found = byCard(merge);
    return html`<div class="half"><table class="heat">
        <caption>${t("roundN", { n: merge.round })}</caption>
        <${Heads} script=${script} columns=${columns}/>
        <tbody>${groups.flatMap(group => group.cards.map(card => html`<tr key=${card.id}>
            <th scope="row"><${CategoryMark} category=${group.category}/> ${cardName(card)}</th>
            ${columns.map(column => html`<${Cell} most=${most} side=${column.side}
                count=${countAt(found.get(card.id), column)}
                first=${countAt(found.get(card.id), column, "first")}/>`)}</tr>`))}
        </tbody></table></div>`;
}

export function Rounds({ script, room }) {
    const merges = room.rounds, groups = cardGroups(script, merges);
    const most = largest(merges, columnsOf(script));
    const rows = groups.reduce((sum, group) => sum + group.cards.length, 0);
    return html`<section class="screen rounds" style=${{ "--rows": rows + 3 }}>
        <h2>${t("firstNote")}</h2>
        <div class="halves">${merges.map(merge => html`<${Round} key=${merge.round} most=${most}
            script=${script} merge=${merge} groups=${groups}/>`)}</div>
    </section>`;
}
