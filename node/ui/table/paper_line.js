// Reads one line of a paper board: the first letters of a card, where it lies, why.
//   gez b2 never asked      health, hinders, 2, with its why
//   "own idea" s1 -         a blank card; no reason was given
//   gez x                   aside
import { isBlank } from "/table/model.js";

const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Cards whose name begins with the letters, then those of which a later word does.
export function cardsLike(letters, cards) {
    const want = fold(letters);
    const ranked = cards.map(card => {
        const name = fold(card.name);
        return [name === want ? 0 : name.startsWith(want) ? 1
            : name.split(/[\s/-]+/).some(word => word.startsWith(want)) ? 2 : 3, card];
    }).filter(([rank]) => rank < 3);
    return ranked.sort((a, b) => a[0] - b[0]).map(([, card]) => card);
}

// "b2" as {zone, degree}, "x" as aside; null if it is no place. zones: [{id, name, side, degrees}].
function placeOf(word, zones) {
    if (word === "x")
        return { aside: true };
    const match = fold(word).match(/^(\p{L}+)(\d)?$/u);
    if (!match)
        return null;
    const zone = zones.find(one => one.side && fold(one.name).startsWith(match[1]));
    const degree = Number(match[2] ?? (zone?.degrees.length === 1 ? 1 : 0));
    return zone && degree >= 1 && degree <= zone.degrees.length ? { zone: zone.id, degree } : null;
}

function whyOf(words) {
    const text = words.join(" ").trim();
    return text === "-" ? { none: true, why: "" } : { none: false, why: text };
}

// {blank, cards, zone, degree, aside, none, why}, cards: what it may be, the likeliest first; place
// left out where it is not typed yet. cards: [{id, name, zone}] in the language of the page.
export function readLine(line, { cards, zones }) {
    const quoted = line.match(/^\s*["“](.+?)["”]\s*(.*)$/);
    const words = (quoted ? quoted[2] : line).trim().split(/\s+/).filter(word => word);
    if (quoted) {
        const place = words.length > 0 ? placeOf(words[0], zones) : null;
        return { blank: quoted[1], cards: [], ...place, ...whyOf(words.slice(1)) };
    }
    for (let i = 1; i < words.length; i++) {
        const place = placeOf(words[i], zones);
        const like = cardsLike(words.slice(0, i).join(" "), cards);
        const may = like.filter(card => place && (place.aside || !card.zone));
        if (may.length > 0)
            return { cards: may, ...place, ...whyOf(words.slice(i + 1)) };
    }
    // A card that has a zone of its own lies there; the rest of the line is its why.
    for (let i = words.length; i > 0; i--) {
        const like = cardsLike(words.slice(0, i).join(" "), cards);
        const own = like.filter(card => card.zone);
        if (own.length > 0 && own.length === like.length)
            return { cards: own, zone: own[0].zone, degree: 0, ...whyOf(words.slice(i)) };
        if (like.length > 0)
            return { cards: like, none: false, why: "" };
    }
    return { cards: [], none: false, why: "" };
}

// The copy that is laid: one that is in the hand, else the first is moved.
export function copyFor(board, id, copies) {
    for (let copy = 1; copy <= copies; copy++)
        if (board.isInHand(id, copy))
            return copy;
    return isBlank(id) ? 1 : copies;
}
