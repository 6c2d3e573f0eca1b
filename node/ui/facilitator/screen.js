// The big screen, from here: open its window, choose what the room sees, blank it.
import { html } from "/dom.js";
import { useStore } from "/store.js";
import { SCREENS, screenName, setStage, stage } from "/projector/stage.js";
import { t } from "/facilitator/words.js";

// A window of this browser: it has this page's key, and is told what is chosen here.
const openProjector = () => window.open("/#projector", "fluit-projector");

export function ScreenChoice() {
    const { shows, blank } = useStore(stage);
    return html`<div class="row screen-choice" role="group" aria-label=${t("projector")}>
        <button onClick=${openProjector}>${t("openProjector")}</button>
        <label for="room-sees">${t("roomSees")}</label>
        <select id="room-sees" value=${shows}
            onChange=${event => setStage({ shows: event.target.value })}>
            ${SCREENS.map(name => html`<option value=${name} selected=${name === shows}>
                ${screenName(name)}</option>`)}</select>
        <button aria-pressed=${blank ? "true" : "false"}
            onClick=${() => setStage({ blank: !blank })}>
            ${t(blank ? "unblank" : "blank")}</button></div>`;
}
