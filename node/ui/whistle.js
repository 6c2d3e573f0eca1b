// The whistle in the room: it sounds at the planned instant, is seen by those who can't hear it,
// and a person at the table says that they heard it. <Whistle view check/> is the button in a
// page's head, with all that belongs to it; check: people are asked to try the sound.
import { announce, html, useEffect, useLayoutEffect, useRef, useState } from "/dom.js";
import { ask } from "/link.js";
import { useStore } from "/store.js";
import { useLanguage, words } from "/text.js";
import catalogue from "/text/whistle.js";
import { flash, follow, mute, sound, tryOut, turnOn } from "/whistle/schedule.js";

const t = words(catalogue);
const HEARD = "fluit-heard";
const FOLLOW_MS = 1000;

// Any touch will do to have the sound back after the page was loaded anew.
const wake = () => {
    if (sound.value === "off")
        turnOn();
};
addEventListener("pointerup", wake);
addEventListener("keydown", wake);

function Flash() {
    const seen = useStore(flash);
    useEffect(() => {
        if (seen)
            announce(t(seen.kind));
    }, [seen]);
    return seen && html`<div class="whistle-flash ${seen.kind}" aria-hidden="true">
        <p>${t(seen.kind)}</p>${seen.late && html`<p class="late">${t("late")}</p>`}</div>`;
}

function Check({ done }) {
    const dialog = useRef(null);
    const [step, setStep] = useState("first");
    useLayoutEffect(() => dialog.current.showModal(), []);
    const blow = () => {
        tryOut();
        setStep("asked");
    };
    const answer = heard => {
        ask({ do: "heard", heard });
        sessionStorage.setItem(HEARD, heard ? "yes" : "no");
        if (heard)
            done();
        else
            setStep("no");
    };
    const title = { first: "title", asked: "heard", no: "no" }[step];
    return html`<dialog ref=${dialog} class="whistle-check" onClose=${done}
            aria-labelledby="whistle-title">
        <h2 id="whistle-title">${t(title)}</h2>
        <p>${t(`${step}Help`)}</p>
        <div class="row">
            ${step === "first" && html`
                <button class="primary" onClick=${blow}>${t("blow")}</button>`}
            ${step === "asked" && html`
                <button class="primary" onClick=${() => answer(true)}>${t("yes")}</button>
                <button onClick=${() => answer(false)}>${t("notHeard")}</button>
                <button onClick=${blow}>${t("again")}</button>`}
            ${step === "no" && html`<button class="primary" onClick=${blow}>${t("again")}</button>`}
            <button class="plain" onClick=${done}>${t(step === "no" ? "goOn" : "later")}</button>
        </div>
    </dialog>`;
}

export function Whistle({ view, check = true }) {
    useLanguage();
    const state = useStore(sound);
    const [checking, setChecking] = useState(check && view.heard !== true
        && !sessionStorage.getItem(HEARD));
    useEffect(() => {
        follow(view);
        const timer = setInterval(() => follow(view), FOLLOW_MS);
        return () => clearInterval(timer);
    }, [view, state]);
    const done = () => {
        sessionStorage.setItem(HEARD, sessionStorage.getItem(HEARD) ?? "later");
        setChecking(false);
    };
    return html`<div class="whistle">
        <button class="sound ${state}" aria-pressed=${state === "on"}
            onClick=${() => state === "off" ? turnOn() : mute(state === "on")}>
            <span aria-hidden="true">♪</span> ${t(`is_${state}`)}</button>
        ${check && html`<button class="plain" onClick=${() => setChecking(true)}>
            ${t("check")}</button>`}
        ${checking && html`<${Check} done=${done}/>`}
        <${Flash}/>
    </div>`;
}
