// Words that tables brought and the facilitator shows: by heap, and what lies in none by question.
import { html, useLayoutEffect, useRef } from "/dom.js";
import { say } from "/text.js";
import { t } from "/projector/words.js";

const SIZES = [2.6, 2.2, 1.9, 1.6, 1.35, 1.15]; // of the letters; the largest at which all fits

// [{key, name, words}], in the order in which they came up.
export function heapsOf(script, shown) {
    const found = new Map();
    for (const words of shown) {
        const question = script.questions.find(q => q.id === words.question);
        const key = words.heap ? `heap ${words.heap}` : `question ${question?.id ?? ""}`;
        const name = words.heap || (question ? say(question.text) : t("ungrouped"));
        if (!found.has(key))
            found.set(key, { key, name, named: !!words.heap, words: [] });
        found.get(key).words.push(words);
    }
    return [...found.values()].sort((a, b) => b.named - a.named);
}

function Words({ words }) {
    const isMarked = /["“”„]/.test(words.text); // the table wrote quotation marks itself
    return html`<li class=${words.quote ? "quote" : ""}>${words.quote && !isMarked
        ? `“${words.text}”` : words.text}</li>`;
}

export function Brought({ script, room }) {
    const box = useRef(null), heaps = heapsOf(script, room.shown);
    useLayoutEffect(() => {
        for (const size of SIZES) {
            box.current.style.fontSize = `${size}rem`;
            if (box.current.scrollHeight <= box.current.clientHeight)
                break;
        }
    });
    return html`<section class="screen words"><h2>${t("words")}</h2>
        ${heaps.length === 0 && html`<p class="quiet">${t("noWords")}</p>`}
        <div class="heaps" ref=${box} tabindex="0" role="group" aria-label=${t("words")}>
            ${heaps.map(heap => html`<section class="heap" key=${heap.key}><h3>${heap.name}</h3>
                <ul>${heap.words.map(words => html`<${Words} key=${words.words} words=${words}/>`)}
                </ul></section>`)}</div>
    </section>`;
}
