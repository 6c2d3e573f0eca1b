// What both pages have round them: the step and its time, how things stand, the facilitator's word.
import { announce, html, useEffect, useRef, useState } from "/dom.js";
import { Phones } from "/phones.js";
import { useStore } from "/store.js";
import { language, say } from "/text.js";
import { Whistle } from "/whistle.js";
import { whyText } from "/why.js";
import { refusal } from "/table/lifted.js";
import { Standing, Timer } from "/table/parts.js";
import { teller } from "/table/roles.js";
import { t } from "/table/words.js";

const SEEN = "fluit-message-seen";

export function Head({ view, script, children }) {
    const { plan, node } = view, step = script.steps[plan.step];
    const tells = step.round > 0 && teller(script, plan.round);
    const seat = tells && view.roles[tells.id];
    useEffect(() => {
        document.title = `${t("table", { n: node.table })} · ${say(script.title)}`;
    }, [node.table, language.value]);
    return html`<header class="head">
        <div class="where"><p class="small">
            ${t("table", { n: node.table })} · ${say(script.title)}</p>
            <h1>${say(step.title)}</h1>
            ${tells && html`<p class="tells-now">
                ${t("tellsNow", { role: say(tells.name) })}${seat > 0
                && html` · ${t("seat", { n: seat })}`}</p>`}</div>
        <${Timer} plan=${plan} step=${step}/>
        <div class="state"><div class="row"><${Standing} view=${view}/><${Whistle} view=${view}/>
            <${Phones}/></div>
            ${children}</div>
    </header>`;
}

function Message({ message, done }) {
    useEffect(() => announce(t("message", { text: message.text })), [message.at_us]);
    return html`<div class="message" role="status"><strong>
        ${t(message.all ? "toAll" : "toYou")}</strong>
        <span class="text">${message.text}</span>
        <button onClick=${done}>${t("seen")}</button></div>`;
}

export function Notices({ view }) {
    const refused = useStore(refusal), timer = useRef(null);
    const [seenUs, setSeen] = useState(Number(sessionStorage.getItem(SEEN) ?? 0));
    const newest = view.messages.at(-1);
    useEffect(() => {
        clearTimeout(timer.current);
        if (refused)
            timer.current = setTimeout(() => { refusal.value = null; }, 8000);
    }, [refused]);
    const seen = () => {
        sessionStorage.setItem(SEEN, newest.at_us);
        setSeen(newest.at_us);
    };
    return html`<div class="notices">
        ${!view.hub.here && html`<p class="notice" role="status">${t("hubAway")}</p>`}
        ${newest && newest.at_us > seenUs && html`<${Message} message=${newest} done=${seen}/>`}
        ${refused && html`<p class="notice bad" role="alert">
            ${t("refusedChange")} ${whyText(refused)}
            <button onClick=${() => { refusal.value = null; }}>${t("close")}</button></p>`}
    </div>`;
}

// pages: [[key, title]]; arrows move between tabs, as the pattern asks.
export function Tabs({ pages, page, pick }) {
    const onKey = event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step)
            return;
        const at = pages.findIndex(([key]) => key === page);
        const [next] = pages[(at + step + pages.length) % pages.length];
        pick(next);
        document.getElementById(`tab-${next}`)?.focus();
        event.preventDefault();
    };
    return html`<div class="tabs" role="tablist" aria-label=${t("pages")} onKeyDown=${onKey}>
        ${pages.map(([key, title]) => html`<button key=${key} role="tab" id=${`tab-${key}`}
            aria-selected=${key === page} aria-controls="tab-panel"
            tabindex=${key === page ? 0 : -1}
            onClick=${() => pick(key)}>${title}</button>`)}</div>`;
}
