// The home page: from here a workshop is made, rehearsed, led and reported, or joined.
import { html, useLayoutEffect, useRef, useState } from "/dom.js";
import { useLanguage } from "/text.js";
import { useAsk } from "/home/ask.js";
import { Check } from "/home/check.js";
import { Invites } from "/home/invites.js";
import { Device, Join } from "/home/join.js";
import { RecoveryKey } from "/home/key.js";
import { Lead } from "/home/lead.js";
import { Make } from "/home/make.js";
import { Rehearse } from "/home/rehearse.js";
import { Report } from "/home/report.js";
import { t } from "/home/words.js";

const AT = "fluit-home-at"; // where one was, when the tab comes back from another page

function Workshop({ place, view }) {
    return html`<p class="quiet">${t("keptAs", { path: `${view.folder}/${place.name}` })}</p>
        ${place.key && html`<${RecoveryKey} name=${place.name}/>`}
        <h3 class="part">${t("before")}</h3>
        <${Invites} name=${place.name}/><${Rehearse} view=${view}/><${Check}/>
        <h3 class="part">${t("during")}</h3><${Lead} place=${place}/>
        <h3 class="part">${t("after")}</h3><${Report} name=${place.name}/>`;
}

function Place({ name, view, go }) {
    const place = view.places.find(one => one.name === name), title = useRef(null);
    useLayoutEffect(() => { title.current?.focus(); }, [name]);
    return html`<p><button onClick=${() => go({ at: "start" })}>← ${t("all")}</button></p>
        <h2 ref=${title} tabindex="-1">${name}</h2>
        ${!place ? html`<p>${t("moment")}</p>`
            : place.is === "workshop" ? html`<${Workshop} place=${place} view=${view}/>`
                : html`<${Device} place=${place}/>`}`;
}

function Places({ view, go }) {
    if (view.places.length === 0)
        return html`<p class="quiet">${t("nothingYet")}</p>`;
    return html`<ul class="places">${view.places.map(place => html`<li key=${place.name}>
        <button onClick=${() => go({ at: "place", name: place.name })}>
            <strong>${place.name}</strong> <span>${t(`is_${place.is}`)}</span>
            ${place.key && html`<span class="warn">${t("keyWaits")}</span>`}
            ${place.state && html`<span class="state">${t(`short_${place.state}`)}</span>`}
        </button></li>`)}</ul>`;
}

function Quit({ view, go }) {
    const ask = useAsk(), [sure, setSure] = useState(false);
    const keyWaits = view.places.some(place => place.key) && !sure;
    const quit = async () => {
        if (keyWaits)
            setSure(true);
        else if ((await ask.run({ do: "quit" })).ok)
            go({ at: "left" });
    };
    return html`<p class="leave"><button onClick=${quit}>${t(sure ? "quitKey" : "quit")}</button>
        <span class="quiet">${t("quitHelp")}</span></p>`;
}

function Start({ view, go }) {
    return html`<div class="doors">
            <button class="door primary" onClick=${() => go({ at: "make" })}>
                <strong>${t("make")}</strong><span>${t("makeHelp")}</span></button>
            <button class="door" onClick=${() => go({ at: "join" })}>
                <strong>${t("join")}</strong><span>${t("joinShort")}</span></button></div>
        <h2>${t("here")}</h2><${Places} view=${view} go=${go}/><${Quit} view=${view} go=${go}/>`;
}

export default function Page({ view }) {
    useLanguage();
    const [where, setWhere] = useState(() =>
        JSON.parse(sessionStorage.getItem(AT)) ?? { at: "start" });
    const go = to => {
        if (to.at !== "left")
            sessionStorage.setItem(AT, JSON.stringify(to));
        setWhere(to);
        scrollTo(0, 0);
    };
    return html`<div class="home"><header><h1>fluit</h1><p>${t("motto")}</p></header><main>
        ${where.at === "left" ? html`<p role="status">${t("left")}</p>`
            : where.at === "make" ? html`<${Make} view=${view} go=${go}/>`
                : where.at === "join" ? html`<${Join} view=${view} go=${go}/>`
                    : where.at === "place"
                        ? html`<${Place} name=${where.name} view=${view} go=${go}/>`
                        : html`<${Start} view=${view} go=${go}/>`}</main></div>`;
}
