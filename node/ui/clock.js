// Mesh time, as the node tells it: the shortest of a few round trips says best how far its clock is
// from this page's. Neither is the wall clock, so that setting that changes nothing here.
import { lineState, look, view } from "/link.js";

const TRIES = 5;
const EVERY_MS = 20000;

let offsetUs = null; // mesh time minus performance.now()
let errorUs = Infinity;

const pageUs = () => performance.now() * 1000;

async function measure() {
    let best = null;
    for (let i = 0; i < TRIES; i++) {
        const from = pageUs(), answer = await look({ do: "time" }), until = pageUs();
        if (!answer?.ok || !answer.mesh_us)
            break;
        const half = (until - from) / 2;
        if (!best || half < best.half)
            best = { half, offset: answer.mesh_us - (from + half), bound: answer.bound_us };
    }
    if (best) {
        offsetUs = best.offset;
        errorUs = best.half + best.bound;
    }
}

// Microseconds of mesh time; null while it is not known.
export function meshUs() {
    return offsetUs === null ? null : pageUs() + offsetUs;
}

// When, on the page's own clock (performance.now, ms), mesh time is atUs; null if not known.
export function pageMs(atUs) {
    return offsetUs === null ? null : (atUs - offsetUs) / 1000;
}

// How far that may be off, in microseconds.
export function boundUs() {
    return errorUs;
}

// Until the first measurement the view's own clock is near enough to show a time.
function guess(seen) {
    if (offsetUs === null && seen?.clock.mesh_us)
        offsetUs = seen.clock.mesh_us - pageUs();
}

function measureIfOpen(state) {
    if (state === "open")
        measure();
}

// The first view may have come before this module did.
guess(view.value);
view.watch(guess);
measureIfOpen(lineState.value);
lineState.watch(measureIfOpen);
setInterval(() => {
    if (lineState.value === "open")
        measure();
}, EVERY_MS);
document.addEventListener("visibilitychange", () => {
    if (!document.hidden)
        measure();
});
