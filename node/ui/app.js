// Shows the page that the node's view asks for.
import { html, render, useLayoutEffect, useState } from "/dom.js";
import { lineState, script, unsent, view } from "/link.js";
import { useStore } from "/store.js";
import { choose, language, useLanguage, words } from "/text.js";
import common from "/text/common.js";

const t = words(common);

// A page's sheet, and its module, which has it as its default export: a component with
// {view, script}. It stands in this same file, and runs when it is imported.
const table = { sheet: "/table.css", module: () => import("/table.js") };
const hub = { sheet: "/facilitator.css", module: () => import("/facilitator.js") };
const pages = {
    home: { sheet: "/home.css", module: () => import("/home.js") },
    table,
    rapporteur: { ...table, module: () => import("/rapporteur.js") },
    hub,
    standby: hub,
    projector: { sheet: "/projector.css", module: () => import("/projector.js") },
};

// For tests: a module that is imported by its own path would be another copy.
export const questions = () => import("/table/questions.js");
export const cards = () => import("/table/lifted.js");

// The sheets are fetched already, for no medium; one that has not come is fetched again. Resolves
// also when it can't be had: better a page without its look than none.
function dress(sheet) {
    const link = document.querySelector(`link[href="${sheet}"]`);
    link.media = "all";
    return link.sheet || new Promise(resolve => link.replaceWith(
        Object.assign(link.cloneNode(), { onload: resolve, onerror: resolve })));
}

async function load({ sheet, module }) {
    const [{ default: page }] = await Promise.all([module(), dress(sheet)]);
    return page;
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
    const [loaded, setLoaded] = useState({ what: null, page: null });
    useLayoutEffect(() => {
        if (wanted)
            load(pages[wanted]).then(page => setLoaded({ what: pages[wanted], page }));
    }, [wanted]);
    const needsScript = wanted !== "home";
    return html`<${LineState}/><${LanguageChoice}/>
        ${!seen ? html`<p class="waiting">${lineState.value !== "refused" && t("opening")}</p>`
            : !wanted || (needsScript && !plays)
                ? html`<p class="waiting">${t("notReady")}</p>`
                : loaded.what !== pages[wanted]
                    ? html`<p class="waiting">${t("opening")}</p>`
                    : html`<${loaded.page} view=${seen} script=${plays}/>`}`;
}

render(html`<${Page}/>`, document.getElementById("page"));
