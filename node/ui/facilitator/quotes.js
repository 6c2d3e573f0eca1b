// What tables marked as quote or for plenary. Their words stay hidden: they are asked for when a
// button is held, and forgotten when it is let go. Shown to the room one by one, on heaps.
import { announce, html, useEffect, useRef, useState } from "/dom.js";
import { look } from "/link.js";
import { say } from "/text.js";
import { order } from "/facilitator/orders.js";
import { t } from "/facilitator/words.js";

const withoutText = ({ text, ...rest }) => rest;

// The list, without the words themselves; read again when the hub counts others.
export function useQuotes(view) {
    const [list, setList] = useState([]);
    const read = async () => {
        const answer = await look({ do: "quotes" });
        if (answer?.ok)
            setList(answer.quotes.map(withoutText));
        return answer;
    };
    const key = JSON.stringify([view.quotes, view.projector.shown.map(s => [s.words, s.heap])]);
    useEffect(() => { read(); }, [key]);
    return [list, read];
}

// Held by a finger, the mouse, Space or Enter.
function Hold({ note, reread }) {
    const [text, setText] = useState(null);
    const held = useRef(false);
    const hold = async () => {
        if (held.current)
            return;
        held.current = true;
        const answer = await look({ do: "quotes" });
        const found = answer?.quotes?.find(quote => quote.note === note);
        if (answer?.ok && !found) {
            announce(t("changed"));
            reread();
        }
        if (held.current && found) {
            setText(found.text);
            announce(found.text);
        }
    };
    const letGo = () => {
        held.current = false;
        setText(null);
    };
    useEffect(() => letGo, []);
    const isKey = event => event.key === " " || event.key === "Enter";
    return html`<button class=${`hold ${text === null ? "" : "read"}`} title=${t("holdHelp")}
        onPointerDown=${event => {
            event.currentTarget.setPointerCapture(event.pointerId);
            hold();
        }}
        onPointerUp=${letGo} onPointerCancel=${letGo} onBlur=${letGo}
        onContextMenu=${event => event.preventDefault()}
        onKeyDown=${event => isKey(event) && (event.preventDefault(), hold())}
        onKeyUp=${event => isKey(event) && letGo()}>
        ${text === null ? t("hold") : text}</button>`;
}

function Quote({ quote, heaps, reread, may }) {
    const about = [t("table", { n: quote.table }),
        quote.round > 0 && t("round", { n: quote.round }),
        quote.quote && t("quote"), quote.plenary && t("plenary")].filter(Boolean).join(" · ");
    const show = async shown => {
        await order({ do: "release", note: quote.note, shown }, t(shown ? "didShow" : "didHide"));
        reread();
    };
    return html`<li class=${`words-card ${quote.shown ? "shown" : ""}`} draggable=${may}
        onDragStart=${event => event.dataTransfer.setData("text/plain", quote.note)}>
        <p class="about">${about}</p>
        <${Hold} note=${quote.note} reread=${reread}/>
        <div class="row"><button disabled=${!may}
                aria-pressed=${quote.shown ? "true" : "false"}
                onClick=${() => show(!quote.shown)}>${t(quote.shown ? "hide" : "show")}</button>
            <select aria-label=${t("putOn")} value=${quote.heap} disabled=${!may}
                onChange=${event => putOn(quote.note, event.target.value, reread)}>
                <option value="" selected=${quote.heap === ""}>${t("noHeap")}</option>
                ${heaps.map(heap => html`<option value=${heap} selected=${heap === quote.heap}>
                    ${heap}</option>`)}</select></div></li>`;
}

async function putOn(note, heap, reread) {
    await order({ do: "heap", note, heap }, heap ? t("didHeap", { heap }) : t("didUnheap"));
    reread();
}

function Heap({ name, title, children, reread, may }) {
    const [over, setOver] = useState(false);
    const drop = event => {
        event.preventDefault();
        setOver(false);
        if (may)
            putOn(event.dataTransfer.getData("text/plain"), name, reread);
    };
    return html`<section class=${`heap ${over ? "over" : ""}`} onDrop=${drop}
        onDragOver=${event => { event.preventDefault(); setOver(true); }}
        onDragLeave=${() => setOver(false)}>
        <h3>${title}</h3>${children}</section>`;
}

// Those of a heap, by the question that they answer, in the script's order.
function ByQuestion({ quotes, script, card }) {
    const texts = new Map(script.questions.map(q => [q.id, say(q.text)]));
    const order = [...texts.keys(), null].filter(id => quotes.some(q => q.question === id));
    return order.map(id => html`<div key=${id} class="question">
        ${id && html`<h4>${texts.get(id)}</h4>`}
        <ul>${quotes.filter(q => q.question === id).map(card)}</ul></div>`);
}

export function Quotes({ view, script, may }) {
    const [list, reread] = useQuotes(view);
    const [made, setMade] = useState([]), [name, setName] = useState("");
    const heaps = [...new Set([...list.map(quote => quote.heap).filter(Boolean), ...made])];
    const make = event => {
        event.preventDefault();
        if (name.trim())
            setMade([...made, name.trim()]);
        setName("");
    };
    const of = heap => list.filter(quote => quote.heap === heap);
    const card = quote => html`<${Quote} key=${quote.note} quote=${quote} heaps=${heaps}
        reread=${reread} may=${may}/>`;
    const pile = heap => html`<${ByQuestion} quotes=${of(heap)} script=${script} card=${card}/>`;
    return html`<section class="quotes"><p class="quiet">${t("wordsHelp")}</p>
        <form class="row" onSubmit=${make}><label for="new-heap">${t("newHeapName")}</label>
            <input id="new-heap" maxlength="60" autocomplete="off" value=${name}
                onInput=${event => setName(event.target.value)}/>
            <button disabled=${!may}>${t("make")}</button>
            <span class="quiet">${t("heapHelp")}</span></form>
        ${list.length === 0 && html`<p>${t("noWords")}</p>`}
        <div class="heaps">
            <${Heap} name="" title=${t("noHeap")} reread=${reread} may=${may}>
                ${pile("")}</${Heap}>
            ${heaps.map(heap => html`<${Heap} key=${heap} name=${heap} title=${heap}
                reread=${reread} may=${may}>${pile(heap)}</${Heap}>`)}</div>
    </section>`;
}
