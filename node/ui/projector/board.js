// All tables' boards laid over each other: cards by category, from strongly stimulating to strongly
// hindering. How many tables laid a card there is a number, and how much of its cell is filled.
import { html } from "/dom.js";
import { say } from "/text.js";
import { balance, byCard, cardGroups, columnsOf, countAt, largest } from "/projector/figures.js";
import { CategoryMark, cardName, t } from "/projector/words.js";

const ROWS_IN_COLUMN = 17; // more can't be read from the back

export function Heads({ script, columns }) {
    const sides = script.zones.filter(zone => zone.side);
    return html`<thead>
        <tr><th scope="col" rowspan="2"><span class="visually-hidden">${t("screen")}</span></th>
            ${sides.map((zone, i) => html`<th class=${`side side-${i}`} scope="colgroup"
                colspan=${zone.degrees.length}>${say(zone.name)}</th>`)}</tr>
        <tr>${columns.map(column => html`<th class="degree" scope="col">${say(column.name)}</th>`)}
        </tr></thead>`;
}

export function Cell({ count, first = null, most, side }) {
    const part = Math.sqrt(count / most);
    return html`<td class=${`cell side-${side} ${count ? "" : "none"}`}>
        ${count > 0 && html`<span class="fill" aria-hidden="true"
            style=${{ transform: `scale(${(0.25 + 0.75 * part).toFixed(3)})` }}></span>`}
        <span class="count">${count || html`<span aria-hidden="true">·</span>`}</span>
        ${first !== null && first !== count && html`<span class="first"
            title=${t("firstPlace", { n: first })}>${first}</span>`}</td>`;
}

function Group({ group, columns, found, most }) {
    return html`<tbody>
        <tr class="category"><th scope="rowgroup" colspan=${columns.length + 1}>
            <${CategoryMark} category=${group.category}/> ${say(group.category.name)}</th></tr>
        ${group.cards.map(card => html`<tr key=${card.id}>
            <th scope="row"><span class="edge" style=${{ background: group.category.colour }}/>
                ${cardName(card)}</th>
            ${columns.map(column => html`<${Cell} most=${most} side=${column.side}
                count=${countAt(found.get(card.id), column)}/>`)}</tr>`)}
    </tbody>`;
}

function Yields({ script, merge }) {
    const names = new Map(script.cards.map(card => [card.id, card]));
    const zones = script.zones.filter(zone => !zone.side);
    return zones.map(zone => {
        const laid = merge.yields.filter(item => item.zone === zone.id)
            .sort((a, b) => b.count - a.count);
        return laid.length > 0 && html`<section class="yields"><h3>${say(zone.name)}</h3>
            <ul>${laid.map(item => html`<li key=${item.card}>
                ${cardName(names.get(item.card) ?? { id: "blank" })}
                <strong>${item.count}</strong></li>`)}</ul></section>`;
    });
}

// step: of the round that is shown alone, or null: all rounds.
export function Board({ script, room, round }) {
    const merge = round ? room.rounds.find(r => r.round === round) ?? room.together : room.together;
    const columns = columnsOf(script), groups = cardGroups(script, [merge]);
    const rows = groups.reduce((sum, group) => sum + group.cards.length + 1, 0);
    const halves = balance(groups, Math.ceil(rows / ROWS_IN_COLUMN));
    const tallest = Math.max(...halves.map(half =>
        half.reduce((sum, group) => sum + group.cards.length + 1, 0)));
    const found = byCard(merge), most = largest([merge], columns);
    const title = merge.round ? t("roundN", { n: merge.round }) : t("board");
    return html`<section class="screen board" style=${{ "--rows": tallest + 2 }}>
        <h2>${merge.boards === 0 ? t("noBoards")
            : t(merge.boards === 1 ? "boardOfOne" : "boardOf", { title, n: merge.boards })}</h2>
        <div class="halves">${halves.map((half, i) => html`<div class="half">
            <table class="heat"><${Heads} script=${script} columns=${columns}/>
                ${half.map(group => html`<${Group} key=${group.category.id} group=${group}
                    columns=${columns} found=${found} most=${most}/>`)}</table>
            ${i === 0 && html`<${Yields} script=${script} merge=${merge}/>`}</div>`)}</div>
    </section>`;
}
