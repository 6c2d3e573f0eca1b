// The projector's words, and what names a card.
import { html } from "/dom.js";
import { say, words } from "/text.js";
import catalogue from "/text/projector.js";

export const t = words(catalogue);

// Ink or white, whichever is read better on that colour.
function inkOn(colour) {
    const part = at => {
        const value = parseInt(colour.slice(at, at + 2), 16) / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    const light = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
    return light > 0.19 ? "#14181f" : "#ffffff";
}

export function CategoryMark({ category }) {
    return html`<span class="mark" aria-hidden="true" style=${{ background: category.colour,
        color: inkOn(category.colour) }}>${category.letter ?? "+"}</span>`;
}

export const cardName = card => card.id === "blank" ? t("blankCard") : say(card.name);
export const countText = (name, n) => t(n === 1 ? `${name}One` : `${name}More`, { n });
