// The room's screen: what the step asks for, or what was chosen; a key blanks it.
import { announce, html, useEffect, useLayoutEffect, useState } from "/dom.js";
import { say, useLanguage } from "/text.js";
import { useStore } from "/store.js";
import { Agreed } from "/projector/agreed.js";
import { Board } from "/projector/board.js";
import { Brought } from "/projector/brought.js";
import { Flash } from "/projector/flash.js";
import { Polls } from "/projector/polls.js";
import { Rounds } from "/projector/rounds.js";
import { screenName, screenOf, SCREENS, setStage, stage } from "/projector/stage.js";
import { Step, Timer } from "/projector/step.js";
import { t } from "/projector/words.js";

const AWAKE_MS = 4000;

function fullScreen() {
    if (document.fullscreenElement)
        document.exitFullscreen();
    else
        document.documentElement.requestFullscreen?.().catch(() => {});
}

function toggleBlank() {
    setStage({ blank: !stage.value.blank });
    announce(stage.value.blank ? t("blanked") : t("unblank"));
}

function useKeys() {
    useLayoutEffect(() => {
        const press = event => {
            const at = "0123456".indexOf(event.key);
            if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("select"))
                return;
            if (event.key === "b" || event.key === "B" || event.key === ".")
                toggleBlank();
            else if (event.key === "f" || event.key === "F")
                fullScreen();
            else if (at >= 0)
                setStage({ shows: SCREENS[at], blank: false });
            else
                return;
            event.preventDefault();
        };
        addEventListener("keydown", press);
        return () => removeEventListener("keydown", press);
    }, []);
}

// The tools are there while somebody moves the mouse.
function useAwake() {
    const [awake, setAwake] = useState(true);
    useEffect(() => {
        let timer;
        const wake = () => {
            setAwake(true);
            clearTimeout(timer);
            timer = setTimeout(() => setAwake(false), AWAKE_MS);
        };
        wake();
        addEventListener("pointermove", wake);
        addEventListener("pointerdown", wake);
        return () => {
            clearTimeout(timer);
            removeEventListener("pointermove", wake);
            removeEventListener("pointerdown", wake);
        };
    }, []);
    return awake;
}

function Tools({ shows }) {
    const awake = useAwake();
    return html`<nav class=${`tools ${awake ? "awake" : ""}`} aria-label=${t("screen")}>
        <select aria-label=${t("screen")} value=${shows}
            onChange=${event => setStage({ shows: event.target.value })}>
            ${SCREENS.map((name, i) => html`<option value=${name} selected=${name === shows}>
                ${i} ${screenName(name)}</option>`)}</select>
        <button onClick=${toggleBlank}><kbd>b</kbd> ${t("blank")}</button>
        <button onClick=${fullScreen}><kbd>f</kbd> ${t("fullScreen")}</button>
    </nav>`;
}

function Screen({ name, view, script, step }) {
    const room = view.projector;
    switch (name) {
    case "board":
        return html`<${Board} script=${script} room=${room} round=${view.plan.round}/>`;
    case "rounds":
        return html`<${Rounds} script=${script} room=${room}/>`;
    case "agreed":
        return html`<${Agreed} script=${script} room=${room}/>`;
    case "polls":
        return html`<${Polls} script=${script} room=${room} step=${step}/>`;
    case "words":
        return html`<${Brought} script=${script} room=${room}/>`;
    default:
        return html`<${Step} script=${script} view=${view} step=${step}/>`;
    }
}

export default function Page({ view, script }) {
    useLanguage();
    useKeys();
    const { shows, blank } = useStore(stage);
    const step = script.steps[view.plan.step], name = screenOf(shows, step, view.projector);
    if (blank)
        return html`<main class="projector blank"><${Flash} view=${view}/>
            <h1 class="visually-hidden">${t("blanked")}</h1>
            <button class="unblank" onClick=${toggleBlank}>${t("unblank")}</button></main>`;
    return html`<main class=${`projector shows-${name}`}>
        <header><h1>${name === "step" ? say(script.title) : say(step.title)}</h1>
            ${view.projector.door.length > 0 && html`<p class="door">${t("joinAt")}
                <strong>${view.projector.door[0]}</strong></p>`}
            ${name !== "step" && html`<${Timer} plan=${view.plan} step=${step}/>`}</header>
        <${Screen} name=${name} view=${view} script=${script} step=${step}/>
        <${Tools} shows=${shows}/><${Flash} view=${view}/>
    </main>`;
}
