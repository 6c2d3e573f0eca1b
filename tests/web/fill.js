// Gives a room something to show: tables lay cards, say why, answer and take notes, as people would
// at their consoles.

// The same numbers each time, so that pictures and tests can be compared.
function* numbers(seed) {
    for (let state = seed + 1; ; ) {
        state = (state * 1103515245 + 12345) % 2147483648;
        yield state / 2147483648;
    }
}

// Waits until all that was typed at that console was taken.
export async function settled(node) {
    const answer = node.line(/put back what the last line changed/, { fromNow: true });
    node.type("help undo");
    await answer;
}

// Of the built-in script "leren": each card has a side that most tables choose.
const cards = ["aspirations", "self-confidence", "self-reflection", "cultural-background", "health",
    "schooling", "social-contacts", "family-situation", "finances", "life-events", "leisure",
    "management", "development", "colleagues", "open-dialogue", "say-in-learning", "variety",
    "autonomy", "experimenting", "economy", "labour-market", "technology", "current-affairs",
    "government", "training-funds"];
const yields = ["yield-confidence", "yield-enjoyment", "yield-recognition", "yield-career",
    "yield-employability", "yield-schooling"];
const options = {
    recognise: ["fully", "partly", "partly", "hardly"],
    "informal-learning": ["thriving", "growing", "growing", "by-chance", "absent"],
};

export const advice = ["Geef mensen tijd om te oefenen", "Laat collega's het elkaar leren",
    "Vraag wat iemand wil, en vraag het nog eens", "Kleine stappen, en vier ze",
    "Een leidinggevende die meedenkt doet meer dan een cursus", "Maak leren gewoon"];
const talks = {
    stop: ["Verplichte cursussen voor iedereen", "Papier dat niemand leest"],
    keep: ["Samen met een ervaren collega op pad", "Het gesprek aan de koffietafel"],
    strengthen: ["Ruimte om te proberen", "Tijd van de leidinggevende"],
    fund: ["Vergoed de uren, niet alleen de cursus", "Kom langs op de werf"],
};

function board(node, random, count) {
    for (let i = 0; i < count; i++) {
        const at = Math.floor(random.next().value * cards.length), card = cards[at];
        const usual = at % 3 === 0 ? "hinders" : "stimulates";
        const other = usual === "hinders" ? "stimulates" : "hinders";
        const side = random.next().value < (at % 4 === 0 ? 0.55 : 0.9) ? usual : other;
        const degree = random.next().value < 0.6 ? 2 : 1;
        node.type(`place ${card} ${side} ${degree}`);
        if (i % 3 === 0)
            node.type(`why ${card} dat speelde de hele tijd mee`);
        if (i % 4 === 0)
            node.type(`place ${card} ${side} ${3 - degree}`);
    }
    node.type(`place ${yields[Math.floor(random.next().value * yields.length)]} yields`);
}

function polls(node, number, random) {
    for (let seat = 1; seat <= 5; seat++)
        for (const [question, choices] of Object.entries(options))
            node.type(`answer ${question}/${seat} ${
                choices[Math.floor(random.next().value * choices.length)]}`);
    node.type("answer expectation nieuwe ideeën");
}

function notes(node, number, round) {
    node.type(`quote @stimulated "mijn chef geloofde in me" (ronde ${round})`);
    node.type(`note @advice ${advice[(number + round) % advice.length]}`);
    node.type("notes");
    node.type(`bring ${round * 2}`);
}

function talk(node, number) {
    for (const [question, texts] of Object.entries(talks)) {
        node.type(`answer ${question} ${texts[number % texts.length]}`);
        node.type(`note @${question} ${texts[(number + 1) % texts.length]}`);
    }
}

// What each table does before the first round, in each round, and after the last.
export async function fillRound(room, round, count = 14) {
    await Promise.all(room.tables.map((node, i) => {
        const random = numbers((i + 1) * 7919 + round);
        if (round === 1)
            polls(node, i + 1, random);
        else
            node.type("next board");
        board(node, random, count);
        notes(node, i + 1, round);
        return settled(node);
    }));
}

export async function order(room, line, answer) {
    const said = room.hub.line(answer, { fromNow: true });
    room.hub.type(line);
    await said;
}

// Both rounds of the built-in script, led from the hub's console; ends in the step after them.
export async function fill(room, { rounds = 2, cards: count = 14 } = {}) {
    for (let round = 1; round <= rounds; round++) {
        for (let at = 0; at < (round === 1 ? 6 : 2); at++)
            await order(room, "next", /^step .*: ready/);
        await order(room, "start", /^whistle start/);
        await fillRound(room, round, count);
        await order(room, "end", /^step .*: ended/);
    }
    await Promise.all(room.tables.map((node, i) => {
        talk(node, i + 1);
        return settled(node);
    }));
}
