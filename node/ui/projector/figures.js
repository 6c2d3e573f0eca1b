// Figures of merged boards, in the shape that the screens draw.

const OTHER = { id: null, name: null, colour: "#5b6472" };

// Letters and colours of the script's categories, which cards carry everywhere.
export function categoriesOf(script) {
    return script.categories.map((category, i) => ({
        ...category, letter: String.fromCharCode(65 + i),
    }));
}

// Each degree of each side, from left to right: the first side's strongest is at its outer edge.
export function columnsOf(script) {
    return script.zones.filter(zone => zone.side).flatMap((zone, side) => {
        const degrees = zone.degrees.map((name, i) => ({ side, zone, name, at: i }));
        return side === 0 ? degrees.reverse() : degrees;
    });
}

// The cards that lie on sides, by category, and blank cards if one was laid: [{category, cards}].
export function cardGroups(script, merges) {
    const categories = categoriesOf(script), cards = script.cards.filter(card => !card.zone);
    const groups = categories.map(category => ({
        category, cards: cards.filter(card => card.category === category.id),
    }));
    const loose = cards.filter(card => !card.category);
    const blank = merges.some(merge => merge.cards.some(card => card.card === "blank"));
    if (loose.length > 0 || blank)
        groups.push({ category: OTHER, cards: [...loose, ...(blank ? [{ id: "blank" }] : [])] });
    return groups.filter(group => group.cards.length > 0);
}

export const byCard = merge => new Map(merge.cards.map(card => [card.card, card]));

export const countAt = (card, column, which = "final") =>
    card?.[which][column.zone.id][column.at] ?? 0;

export const countOnSide = (card, zone) =>
    (card?.final[zone.id] ?? []).reduce((sum, count) => sum + count, 0);

// The largest figure, for what fills a cell.
export function largest(merges, columns) {
    return Math.max(1, ...merges.flatMap(merge => merge.cards.flatMap(card =>
        columns.map(column => countAt(card, column)))));
}

// Splits groups over columns of about the same height; each group costs a line for its name.
export function balance(groups, columnCount) {
    const height = group => group.cards.length + 1;
    const all = groups.reduce((sum, group) => sum + height(group), 0);
    const columns = Array.from({ length: columnCount }, () => []);
    let done = 0;
    for (const group of groups) {
        const middle = (done + height(group) / 2) / all;
        columns[Math.min(columnCount - 1, Math.floor(middle * columnCount))].push(group);
        done += height(group);
    }
    return columns.filter(column => column.length > 0);
}
