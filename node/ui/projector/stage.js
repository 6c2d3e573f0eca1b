// What the projector's window shows, chosen there or on the facilitator's page: both are windows of
// one browser, which keeps the choice and tells the others.
import { Store } from "/store.js";
import { t } from "/projector/words.js";

const KEPT = "fluit-projector";

// "auto" follows the agenda's step.
export const SCREENS = ["auto", "step", "board", "rounds", "agreed", "polls", "words"];

function read() {
    try {
        const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
        return { shows: SCREENS.includes(kept.shows) ? kept.shows : "auto", blank: !!kept.blank };
    } catch {
        return { shows: "auto", blank: false };
    }
}

export const stage = new Store(read());

export function setStage(change) {
    stage.value = { ...stage.value, ...change };
    localStorage.setItem(KEPT, JSON.stringify(stage.value));
}

window.addEventListener("storage", event => {
    if (event.key === KEPT)
        stage.value = read();
});

export const screenName = name => t(["agreed", "words", "board", "polls"].includes(name)
    ? `${name}Screen` : name);

const BY_KIND = {
    poll: "polls",
    round: "board",
    changeover: "board",
    plenary: "words",
};

// What "auto" shows in this step: in plenary the words brought there, as soon as one is shown.
export function screenOf(shows, step, room) {
    if (shows !== "auto")
        return shows;
    const usual = BY_KIND[step?.kind] ?? "step";
    return usual === "words" && room.shown.length === 0 ? "board" : usual;
}
