// The whistle, seen by the room. It sounds from the facilitator's page: this is a window of the
// same machine, and two would sound against each other.
import { html, useEffect } from "/dom.js";
import { useStore } from "/store.js";
import { words } from "/text.js";
import catalogue from "/text/whistle.js";
import { flash, follow } from "/whistle/schedule.js";

const t = words(catalogue);
const FOLLOW_MS = 1000;

export function Flash({ view }) {
    const seen = useStore(flash);
    useEffect(() => {
        follow(view);
        const timer = setInterval(() => follow(view), FOLLOW_MS);
        return () => clearInterval(timer);
    }, [view]);
    return seen && html`<div class=${`whistle-flash ${seen.kind}`} role="status">
        <p>${t(seen.kind)}</p></div>`;
}
