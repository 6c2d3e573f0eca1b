// Dragging a card with the mouse or a finger. A touch on a list that can scroll must be held for a
// moment first, so that one can still scroll; elsewhere the card goes with the finger at once.
import { drop, lift, lifted, putBack } from "/table/lifted.js";

const FAR_PX = 6;
const HOLD_MS = 220;
const EDGE_PX = 60, SCROLL_PX = 14;

let drag = null;

function placeAt(x, y) {
    return document.elementFromPoint(x, y)?.closest("[data-place]")?.dataset.place ?? null;
}

function begin() {
    const { element, card, copy, at, x, y } = drag;
    const box = element.getBoundingClientRect();
    drag.on = true;
    drag.ghost = element.cloneNode(true);
    drag.ghost.removeAttribute("id");
    drag.ghost.setAttribute("aria-hidden", "true");
    drag.ghost.classList.add("ghost");
    drag.dx = x - box.left;
    drag.dy = y - box.top;
    drag.ghost.style.width = `${box.width}px`;
    document.body.append(drag.ghost);
    lift(card, copy, at, "drag");
    move(x, y);
}

function move(x, y) {
    drag.ghost.style.transform = `translate(${x - drag.dx}px, ${y - drag.dy}px) rotate(-1.5deg)`;
    const over = placeAt(x, y);
    if (over !== lifted.value?.over)
        lifted.value = { ...lifted.value, over };
    if (y < EDGE_PX || y > innerHeight - EDGE_PX)
        scrollBy(0, y < EDGE_PX ? -SCROLL_PX : SCROLL_PX);
}

function end(script, at) {
    const { on, ghost, hold } = drag;
    clearTimeout(hold);
    ghost?.remove();
    drag = null;
    if (!on || !lifted.value)
        return;
    // The click that follows a drag is not a tap.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
    const place = at && placeAt(...at);
    if (place)
        drop(script, place);
    else
        putBack();
}

function swallow(event) {
    event.preventDefault();
    event.stopPropagation();
}

// A card's pointerdown.
export function grab(event, script, card, copy, at) {
    if (drag || event.button !== 0)
        return;
    const element = event.currentTarget;
    const holds = event.pointerType === "touch"
        && getComputedStyle(element).touchAction !== "none";
    drag = { element, card, copy, at, x: event.clientX, y: event.clientY, id: event.pointerId };
    if (holds)
        drag.hold = setTimeout(begin, HOLD_MS);
    const onMove = moved => {
        if (moved.pointerId !== drag?.id)
            return;
        const { clientX: x, clientY: y } = moved;
        if (!drag.on && Math.hypot(x - drag.x, y - drag.y) < FAR_PX)
            return;
        if (!drag.on && holds)
            return stop(null);
        if (!drag.on)
            begin();
        move(x, y);
    };
    const onUp = up => {
        if (up.pointerId === drag?.id)
            stop(up.type === "pointerup" ? [up.clientX, up.clientY] : null);
    };
    const onKey = key => {
        if (key.key === "Escape")
            stop(null);
    };
    const onTouch = touch => {
        if (drag?.on && touch.cancelable)
            touch.preventDefault();
    };
    const stop = at_ => {
        removeEventListener("pointermove", onMove);
        removeEventListener("pointerup", onUp);
        removeEventListener("pointercancel", onUp);
        removeEventListener("keydown", onKey);
        document.removeEventListener("touchmove", onTouch);
        end(script, at_);
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", onUp);
    addEventListener("pointercancel", onUp);
    addEventListener("keydown", onKey);
    document.addEventListener("touchmove", onTouch, { passive: false });
}
