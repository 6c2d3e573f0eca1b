// Beside the board when no card is looked at: who has which role, what the marks mean, undo.
import { html } from "/dom.js";
import { act } from "/table/lifted.js";
import { SIGNS } from "/table/parts.js";
import { Roles } from "/table/roles.js";
import { t } from "/table/words.js";

export function NextBoard({ board }) {
    return board.may_go_on && html`<button class="primary next-board" onClick=${() =>
        act({ do: "next_board" })}>${t("nextBoard", { n: board.round + 1 })}</button>`;
}

export function Undo({ view }) {
    return html`<button class="undo" disabled=${view.undo === 0}
        onClick=${() => act({ do: "undo" })}>
        <span aria-hidden="true">↶</span> ${t("undo")}</button>`;
}

export function BesideBoard({ view, script, board }) {
    return html`<div class="beside-board">
        <${Roles} script=${script} board=${board}/>
        ${view.messages.length > 0 && html`<details><summary>${t("messages")}</summary>
            <ul class="messages">${[...view.messages].reverse().map(one => html`<li
                key=${one.at_us}>
                ${one.text}</li>`)}</ul></details>`}
        <details class="legend"><summary>${t("marksMean")}</summary>
            <dl>${["onlyHere", "savedHere", "safe"].map(name => html`
                <dt class="mark ${name}" aria-hidden="true">${SIGNS[name]}</dt><dd>
                    ${t(`${name}Means`)}</dd>`)}</dl>
        </details>
    </div>`;
}
