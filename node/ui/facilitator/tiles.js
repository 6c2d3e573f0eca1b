// The tables, a tile each: it turns when something is wrong, and says what to do.
import { html } from "/dom.js";
import { countText, t } from "/facilitator/words.js";

// [{number, device, rapporteur, problem}], by table; problem of the table's device first.
export function tablesOf(view) {
    const found = new Map();
    for (const device of view.tables) {
        const table = found.get(device.table) ?? { number: device.table };
        table[device.class === "table" ? "device" : "rapporteur"] = device;
        found.set(device.table, table);
    }
    return [...found.values()].map(table => ({
        ...table,
        problem: table.device?.problem || table.rapporteur?.problem || "",
        ofRapporteur: !table.device?.problem && Boolean(table.rapporteur?.problem),
    }));
}

export function presence(device) {
    if (!device?.joined)
        return t("notJoined");
    if (device.aside)
        return t("aside");
    return t(device.here ? "here" : "gone");
}

export function lastSeen(device) {
    if (device.last_s === 0)
        return "";
    if (device.last_s < 0)
        return t("never");
    return t("last", { n: device.last_s < 120 ? t("seconds", { n: device.last_s })
        : t("minutes", { n: Math.round(device.last_s / 60) }) });
}

export const heardText = device => t(device.heard === true ? "heardYes"
    : device.heard === false ? "heardNo" : "heardUnknown");

// How grave it is: a table that is not there, or one that settles by itself as a rule.
const grave = problem => problem === "not_here" || problem === "not_joined";

function stateText({ device, problem, ofRapporteur }) {
    if (device?.here && problem && !ofRapporteur)
        return t(problem === "not_safe" ? "notSafe" : "notReady");
    return presence(device);
}

const signs = { good: "✓", warn: "…", bad: "!", aside: "–" };

function Counts({ device }) {
    return html`<span class="counts">${countText("cards", device.cards)}<br/>
            ${countText("notes", device.notes)}</span>
        <span class="counts">${t(device.ready ? "isReady" : "notReady")} · ${
            t(device.safe ? "isSafe" : "notSafe")}</span>`;
}

function Tile({ table, open }) {
    const { device, problem } = table;
    const state = device?.aside ? "aside" : !problem ? "good" : grave(problem) ? "bad" : "warn";
    const todo = problem && t(`short_${problem}`);
    return html`<li><button class=${`tile ${state}`} onClick=${open}>
        <span class="number">${table.number}</span>
        <span class="state"><span class="sign" aria-hidden="true">${signs[state]}</span> ${
            stateText(table)}</span>
        ${todo && html`<span class="todo">${table.ofRapporteur
            ? t("rapporteurSays", { what: todo }) : todo}</span>`}
        ${device?.joined && (todo ? html`<span class="counts">${lastSeen(device)}</span>`
            : html`<${Counts} device=${device}/>`)}
        ${device?.here && device.heard !== true && html`<span class="sound">
            <span aria-hidden="true">♪?</span>
            <span class="visually-hidden">${heardText(device)}</span></span>`}
    </button></li>`;
}

export function troubleText(tables) {
    const wrong = tables.filter(table => table.problem && !table.device?.aside).length;
    return wrong === 0 ? t("allWell") : t(wrong === 1 ? "troubleOne" : "troubleMore", { n: wrong });
}

export function Tiles({ tables, open }) {
    return html`<ul class="tiles" aria-label=${t("tables")}>${tables.map(table => html`<${Tile}
        key=${table.number} table=${table} open=${() => open(table.number)}/>`)}</ul>`;
}
