// Opens the line to the node and shows the page that its view asks for.
import { html, render, useEffect, useState } from "/dom.js";
import modules from "/modules.js";
import { lineState, open, script, unsent, view } from "/link.js";
import { useStore } from "/store.js";
import { choose, language, useLanguage, words } from "/text.js";
import common from "/text/common.js";

const t = words(common);

// What each page is made of; the first has it, as its default export: a component with
// {view, script}.
const pages = {
    home: ["home"],
    table: ["table", "whistle", "clock", "remaining"],
    rapporteur: ["rapporteur", "table", "whistle", "clock", "remaining"],
    hub: ["facilitator", "whistle", "clock", "remaining"],
    standby: ["facilitator", "whistle", "clock", "remaining"],
    projector: ["projector", "whistle", "clock", "remaining"],
};

// All its modules are fetched at once; without that each waits for those that import it.
function load(parts) {
    const part = new RegExp(`^/(text/)?(style|${parts.join("|")})(\\.js$|/)`);
    for (const href of modules.filter(path => part.test(path)))
        document.head.append(Object.assign(document.createElement("link"),
            { rel: "modulepreload", href }));
    return import(`/${parts[0]}.js`);
}

function LanguageChoice() {
    useLanguage();
    const other = language.value === "nl" ? "en" : "nl";
    return html`<button class="language" lang=${other} onClick=${() => choose(other)}>
        ${other === "nl" ? "Nederlands" : "English"}</button>`;
}

function LineState() {
    useLanguage();
    const state = useStore(lineState), waiting = useStore(unsent).length;
    if (state === "refused")
        return html`<div class="line-state bad" role="alert">
            <strong>${t("refused")}</strong> ${t("refusedHelp")}</div>`;
    if (state === "broken")
        return html`<div class="line-state" role="status">${t("broken")}
            ${waiting > 0 && " " + t(waiting === 1 ? "unsentOne" : "unsentMore", { n: waiting })}
            </div>`;
    return null;
}

// The page that a view asks for; null while its node is not ready, and the view tells too little: a
// projector's is the hub's without what only the facilitator sees.
function pageFor(seen) {
    if (!seen?.node.ready)
        return null;
    const isProjector = location.hash === "#projector"
        || (seen.node.class === "hub" && seen.leads === undefined);
    return isProjector ? "projector" : seen.node.class;
}

function Page() {
    useLanguage();
    const seen = useStore(view), plays = useStore(script), wanted = pageFor(seen);
    const [loaded, setLoaded] = useState({ part: null, page: null });
    useEffect(() => {
        if (wanted)
            load(pages[wanted]).then(module =>
                setLoaded({ part: pages[wanted][0], page: module.default }));
    }, [wanted]);
    const needsScript = wanted !== "home";
    return html`<${LineState}/><${LanguageChoice}/>
        ${!seen ? html`<p class="waiting">${lineState.value !== "refused" && t("opening")}</p>`
            : !wanted || (needsScript && !plays)
                ? html`<p class="waiting">${t("notReady")}</p>`
                : loaded.part !== pages[wanted][0]
                    ? html`<p class="waiting">${t("opening")}</p>`
                    : html`<${loaded.page} view=${seen} script=${plays}/>`}`;
}

render(html`<${Page}/>`, document.getElementById("page"));
open();
