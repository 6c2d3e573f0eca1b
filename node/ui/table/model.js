// The board as it is shown: what the node says, with what is on its way to it laid over it.

export const keyOf = (id, copy = 1) => `${id}/${copy}`;
export const refOf = key => ({ card: key.split("/")[0], copy: Number(key.split("/")[1]) });
export const isBlank = id => id.startsWith("blank-");

// Where cards may lie, in the order of the line: the left sides with the strongest degree first,
// then the right sides with the weakest first; then the other zones, aside and the hand.
export function placesOf(script) {
    const sides = script.zones.filter(zone => zone.side);
    const left = Math.ceil(sides.length / 2);
    const line = sides.flatMap((zone, at) => {
        const degrees = zone.degrees.map((name, i) =>
            ({ key: keyOf(zone.id, i + 1), zone, degree: i + 1, name, left: at < left }));
        return at < left ? degrees.reverse() : degrees;
    });
    const zones = script.zones.filter(zone => !zone.side)
        .map(zone => ({ key: keyOf(zone.id, 0), zone, degree: 0 }));
    return { line, zones, aside: { key: "aside" }, hand: { key: "hand" } };
}

// Those in which this card may lie.
export function placesFor(script, id) {
    const { line, zones, aside, hand } = placesOf(script);
    const own = script.cards.find(card => card.id === id)?.zone;
    return [...own ? zones.filter(place => place.zone.id === own) : line, aside, hand];
}

export const placeKey = card => card.at === "hand" || card.at === "aside"
    ? card.at : keyOf(card.at, card.degree);

const linkKey = link => `${link.from}/${link.from_copy ?? 1}>${link.to}/${link.to_copy ?? 1}`;

const untouched = (id, copy) => ({
    id, copy, at: "hand", degree: 0, first: null, order: 0, none: false, why: "", seq: 0,
});

// What each request does to the board; the node has the last word.
const does = {
    place(board, what, mark) {
        const first = board.card(what, mark).order === 0;
        board.change(what, {
            at: what.zone, degree: what.degree ?? 0,
            ...first && { order: 1 + Math.max(0, ...[...board.cards.values()].map(c => c.order)) },
        }, mark);
    },
    aside: (board, what, mark) => board.change(what, { at: "aside", degree: 0 }, mark),
    lift: (board, what, mark) => board.change(what, { at: "hand", degree: 0 }, mark),
    why: (board, what, mark) =>
        board.change(what, { why: what.text ?? "", none: what.text === null }, mark),
    link(board, what, mark) {
        const link = { from_copy: 1, to_copy: 1, word: "", ...what, ...mark };
        board.links = [...board.links.filter(one => linkKey(one) !== linkKey(link)), link];
    },
    unlink(board, what) {
        board.links = board.links.filter(one => linkKey(one) !== linkKey(what));
    },
    blank(board, what, mark) {
        const id = what.blank ?? "blank-…";
        board.blanks = [...board.blanks.filter(one => one.id !== id),
            { id, text: what.text, ...mark }];
    },
    role(board, what) {
        board.roles = { ...board.roles, [what.role]: what.seat };
    },
    answer(board, what, mark) {
        const { question, text, seat = 0 } = what, round = board.roundOf(what);
        board.answers = [...board.answers.filter(one =>
            one.question !== question || one.seat !== seat || one.round !== round),
        { question, seat, text, round, ...mark }];
    },
    group(board, what) {
        board.group = what.group;
    },
    next_board(board) {
        board.cards = new Map();
        board.links = [];
        board.blanks = [];
        board.group = null;
        board.round++;
        board.may_go_on = false;
    },
};

class Shown {
    constructor(view, script) {
        Object.assign(this, view.board);
        this.cards = new Map(view.board.cards.map(card => [keyOf(card.id, card.copy), card]));
        this.roles = view.roles;
        this.answers = view.answers;
        this.inRounds = new Set(script.steps.filter(step => step.round > 0)
            .flatMap(step => step.questions));
    }

    card({ card, copy = 1 }) {
        return this.cards.get(keyOf(card, copy)) ?? untouched(card, copy);
    }

    change(what, changes, mark) {
        const card = this.card(what);
        this.cards.set(keyOf(card.id, card.copy), { ...card, ...changes, ...mark });
    }

    // Questions of card rounds are answered for the board's round, others for none.
    roundOf({ question }) {
        return this.inRounds.has(question) ? this.round : 0;
    }

    in(place) {
        return [...this.cards.values()].filter(card => placeKey(card) === place)
            .sort((a, b) => (a.order || 1e9) - (b.order || 1e9));
    }

    isInHand(id, copy) {
        return this.card({ card: id, copy }).at === "hand";
    }
}

// pending: [{what, seq}], as in link.js.
export function shownBoard(view, script, pending) {
    const board = new Shown(view, script);
    for (const { what, seq } of pending)
        does[what.do]?.(board, what, seq ? { seq, waiting: false } : { seq: 0, waiting: true });
    return board;
}

// The mark beside a change: {name, k} or null. node/view/API.md says what they mean.
export function markOf({ seq, waiting }, own) {
    if (waiting)
        return { name: "onlyHere", k: 0 };
    if (!seq)
        return null;
    const k = (own.held ?? []).filter(held => held >= seq).length;
    if (seq > own.safe)
        return { name: "savedHere", k };
    return k > 0 ? { name: "safeAt", k } : { name: "safe", k };
}

// A letter for each category, so that colour alone says nothing: A, B, C …
export const letterOf = (script, category) =>
    String.fromCharCode(65 + script.categories.findIndex(one => one.id === category));

// Dark or light writing, whichever is read better on that colour.
export function inkOn(colour) {
    const [r, g, b] = [1, 3, 5].map(at => {
        const c = parseInt(colour.slice(at, at + 2), 16) / 255;
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#14181f" : "#ffffff";
}
