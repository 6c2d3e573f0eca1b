// The one card that is lifted, by whatever means: a finger, the mouse or the keyboard; and where it
// goes. All three end in drop(), so all three are saved and announced in the same way.
import { announce } from "/dom.js";
import { ask } from "/link.js";
import { Store } from "/store.js";
import { keyOf, placesFor } from "/table/model.js";

// {card, copy, at: the key of the place it lies in, over: that of the place it would go to, how}
export const lifted = new Store(null);
// The card that people look at: its why, its links. {card, copy} or null.
export const chosen = new Store(null);
// A link that is being made: {card, copy} from which, or null.
export const linking = new Store(null);
// What the node said no to, newest: its answer, or null.
export const refusal = new Store(null);

let text = null, names = null;

// How to say things, set by the page: t is its words, name(card) and where(placeKey) are texts.
export function speak(words, namesOf) {
    text = words;
    names = namesOf;
}

export async function act(what) {
    const answer = await ask(what);
    // Asked for twice, by two people or after a lost answer: it lies there, all is well.
    if (!answer.ok && answer.code !== "there_already")
        refusal.value = answer;
    return answer;
}

export function lift(card, copy, at, how) {
    lifted.value = { card, copy, at, over: null, how };
    announce(text(how === "key" ? "liftedByKey" : "lifted", { card: names.card(card) }));
}

export function putBack() {
    if (lifted.value)
        announce(text("putBack", { card: names.card(lifted.value.card) }));
    lifted.value = null;
}

// The next place that may take the card, in the order of the line.
export function moveOver(script, step) {
    const { card, at, over } = lifted.value;
    const places = placesFor(script, card).map(place => place.key);
    const from = places.indexOf(over ?? at);
    // From the hand the line begins at its left, or at its right.
    const next = over === null && at === "hand" ? (step > 0 ? 0 : places.length - 3)
        : (from + step + places.length) % places.length;
    overAt(places[Math.max(0, next)], places.indexOf(places[Math.max(0, next)]) + 1, places.length);
}

function overAt(key, number, count) {
    lifted.value = { ...lifted.value, over: key };
    announce(text("overPlace", { place: names.where(key), n: number, count }));
}

export function chooseNth(script, n) {
    const places = placesFor(script, lifted.value.card);
    if (places[n])
        drop(script, places[n].key);
}

// Lays the lifted card there. False: it may not lie there, or lies there already.
export function drop(script, key) {
    const { card, copy, at } = lifted.value;
    const place = placesFor(script, card).find(one => one.key === key);
    if (!place || key === at) {
        putBack();
        return false;
    }
    lifted.value = null;
    chosen.value = key === "hand" ? null : { card, copy };
    announce(text("laid", { card: names.card(card), place: names.where(key) }));
    act(key === "hand" ? { do: "lift", card, copy }
        : key === "aside" ? { do: "aside", card, copy }
            : { do: "place", card, copy, zone: place.zone.id,
                ...place.degree && { degree: place.degree } });
    return true;
}

// Is this the card that is meant?
export const isThat = (one, card, copy) =>
    one !== null && keyOf(one.card, one.copy) === keyOf(card, copy);
