// The facilitator's page: leads the agenda, looks after the tables, chooses what the room sees.
import { html, useEffect, useState } from "/dom.js";
import { Whistle } from "/whistle.js";
import { hourText } from "/remaining.js";
import { say, useLanguage } from "/text.js";
import { Agenda } from "/facilitator/agenda.js";
import { CodeDialog, Codes } from "/facilitator/codes.js";
import { Control, hasLead, useControl } from "/facilitator/control.js";
import { Late } from "/facilitator/late.js";
import { Follows, Standbys } from "/facilitator/leading.js";
import { MessageBox } from "/facilitator/message.js";
import { Now } from "/facilitator/now.js";
import { Quotes } from "/facilitator/quotes.js";
import { ScreenChoice } from "/facilitator/screen.js";
import { TableDialog } from "/facilitator/table.js";
import { Tabs } from "/facilitator/tabs.js";
import { tablesOf, Tiles, troubleText } from "/facilitator/tiles.js";
import { t } from "/facilitator/words.js";
import { Remote } from "/remote.js";

function WallClock() {
    const [now, setNow] = useState(() => hourText(new Date()));
    useEffect(() => {
        const timer = setInterval(() => setNow(hourText(new Date())), 1000);
        return () => clearInterval(timer);
    }, []);
    return html`<span class="wall-clock">${now}</span>`;
}

function Tables({ tables, open, may }) {
    const untried = tables.filter(({ device }) => device?.here && !device.aside
        && device.heard !== true).map(({ number }) => number);
    return html`<${Tiles} tables=${tables} open=${open}/>
        ${untried.length > 0 && html`<p class="quiet">♪? ${
            t("soundSome", { tables: untried.join(", ") })}</p>`}
        <${MessageBox} tables=${tables.filter(one => one.device?.joined).map(one => one.number)}
            may=${may}/>`;
}

function Panel({ chosen, view, script, tables, open, showCode, may }) {
    switch (chosen) {
    case "words":
        return html`<${Quotes} view=${view} script=${script} may=${may}/>`;
    case "codes":
        return html`<${Codes} view=${view} showCode=${showCode} may=${may}/>`;
    case "late":
        return html`<${Late} view=${view}/>`;
    default:
        return html`<${Tables} tables=${tables} open=${open} may=${may}/>`;
    }
}

function Desk({ view, script, self }) {
    const [chosen, choose] = useState("tables");
    const [table, setTable] = useState(null), [code, setCode] = useState(null);
    const tables = tablesOf(view), trouble = troubleText(tables);
    const may = view.leads && hasLead(view, self);
    const wrong = tables.filter(one => one.problem).length;
    const late = view.late.reduce((sum, one) => sum + one.made + one.arrived, 0);
    const tabs = [
        { id: "tables", name: t("tables"), mark: wrong > 0 && `! ${wrong}` },
        { id: "words", name: t("words"), mark: view.quotes.count > 0
            && `${view.quotes.shown}/${view.quotes.count}` },
        { id: "codes", name: t("codes") },
        { id: "late", name: t("lateEntries"), mark: late > 0 && late },
    ];
    return html`<div class="facilitator">
        <header><h1>${say(script.title)}</h1><${Standbys} view=${view}/>
            <${Whistle} view=${view} check=${false}/><${ScreenChoice}/><${WallClock}/></header>
        <div class="banners">${!view.leads && html`<${Follows} view=${view}/>`}
            <${Control} seen=${view} self=${self}/></div>
        <${Agenda} view=${view} script=${script}/>
        <main><${Now} view=${view} script=${script} may=${may}/>
            <div class="below"><div class="tab-row">
                <${Tabs} tabs=${tabs} chosen=${chosen} choose=${choose} label=${t("tables")}/>
                <p class=${`trouble ${wrong > 0 ? "bad" : ""}`} role="status">${trouble}</p></div>
                <div role="tabpanel" id="tab-panel" aria-labelledby=${`tab-${chosen}`} tabindex="0">
                    <${Panel} chosen=${chosen} view=${view} script=${script} tables=${tables}
                        open=${setTable} showCode=${setCode} may=${may}/></div></div></main>
        ${table !== null && html`<${TableDialog} number=${table} tables=${tables} may=${may}
            close=${() => setTable(null)} showCode=${setCode}/>`}
        ${code !== null && html`<${CodeDialog} name=${code} door=${view.projector.door[0]}
            close=${() => setCode(null)}/>`}
    </div>`;
}

// A phone is a remote until it has the lead; the hash asks for one on the hub's own machine.
export default function Page({ view, script }) {
    useLanguage();
    const self = useControl();
    if (!self)
        return null;
    const isRemote = location.hash === "#remote" || (self?.phone && !hasLead(view, self));
    return isRemote ? html`<${Remote} view=${view} script=${script} self=${self}/>`
        : html`<${Desk} view=${view} script=${script} self=${self}/>`;
}
