// A paper table's board typed in: a few letters a card, shown as they are typed, Enter lays it.
import { announce, html, useRef, useState } from "/dom.js";
import { say } from "/text.js";
import { Badge } from "/table/card.js";
import { act } from "/table/lifted.js";
import { Line, placeName } from "/table/line.js";
import { copyFor, readLine } from "/table/paper_line.js";
import { NoNames } from "/table/parts.js";
import { t } from "/table/words.js";

function keyOfRead(read) {
    return read.aside ? "aside" : read.zone ? `${read.zone}/${read.degree}` : null;
}

async function lay(read, id, copy) {
    let card = id;
    if (read.blank) {
        const answer = await act({ do: "blank", text: read.blank });
        if (!answer.ok)
            return;
        card = answer.card;
    }
    act(read.aside ? { do: "aside", card, copy }
        : { do: "place", card, copy, zone: read.zone, ...read.degree && { degree: read.degree } });
    if (read.none || read.why)
        act({ do: "why", card, copy, text: read.none ? null : read.why });
}

function Preview({ script, read, name, id }) {
    const place = keyOfRead(read);
    if (!id && !read.blank)
        return html`<p class="small">${t("paperHelp")}</p>`;
    return html`<p class="paper-shows"><${Badge} script=${script} id=${id ?? "blank-1"}/>
        <strong>${name}</strong>
        <span class=${place ? "" : "missing"}>
            ${place ? placeName(script, place) : t("paperWhere")}</span>
        ${(read.why || read.none) && html`<span class="why">
            ${read.none ? t("noneGiven") : `“${read.why}”`}</span>`}</p>`;
}

export function Paper({ script, view, board }) {
    const [line, setLine] = useState(""), [nth, setNth] = useState(0), field = useRef(null);
    const named = {
        cards: [...script.cards.map(card => ({ ...card, name: say(card.name) })),
            ...board.blanks.map(({ id, text }) => ({ id, name: text, zone: null, copies: 1 }))],
        zones: script.zones.map(zone => ({ ...zone, name: say(zone.name) })),
    };
    const read = readLine(line, named), card = read.cards[Math.min(nth, read.cards.length - 1)];
    const place = keyOfRead(read), name = read.blank ?? card?.name;
    const put = event => {
        event?.preventDefault();
        if (!place || !name)
            return announce(t(name ? "paperWhere" : "paperNoCard"));
        lay(read, card?.id, card ? copyFor(board, card.id, card.copies) : 1);
        announce(t("laid", { card: name, place: placeName(script, place) }));
        setLine("");
        setNth(0);
        field.current.focus();
    };
    const onKey = event => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step && read.cards.length > 1) {
            setNth((nth + step + read.cards.length) % read.cards.length);
            event.preventDefault();
        }
    };
    const round = view.rounds.find(one => one.round === board.round);
    const letter = side => named.zones.filter(zone => zone.side)[side]?.name[0] ?? "";
    return html`<div class="paper-page">
        <section class="paper">
            <h2>${t("paperTitle", { n: board.round })}</h2>
            <p>${t("paperHow", { left: letter(0), right: letter(1) })}</p>
            <form onSubmit=${put}>
                <label for="paper-line">${t("paperLabel")}</label> <${NoNames} script=${script}/>
                <div class="row"><input id="paper-line" ref=${field} value=${line}
                    autocomplete="off"
                    autocapitalize="off" spellcheck="false" maxlength="2000" onKeyDown=${onKey}
                    onInput=${event => {
                        setLine(event.target.value);
                        setNth(0);
                    }}/>
                <button class="primary">${t("paperLay")}</button></div>
            </form>
            <div aria-live="polite"><${Preview} script=${script} read=${read} name=${name}
                id=${card?.id}/></div>
            ${read.cards.length > 1 && html`<ul class="paper-like">
                ${read.cards.slice(0, 6).map((one, i) => html`
                <li key=${one.id}><button aria-pressed=${one === card} onClick=${() => setNth(i)}>
                    <${Badge} script=${script} id=${one.id}/>${one.name}</button></li>`)}</ul>`}
            <p class=${round?.closed ? "afterwards" : "small"}>${t(round?.afterwards ? "paperIsLate"
                : round?.closed ? "paperClosed" : "paperLate")}</p>
        </section>
        <div class="small-board"><${Line} script=${script} board=${board} own=${view.own}
            reading=${() => ({ onTap: id => {
                setLine(`${named.cards.find(one => one.id === id)?.name ?? id} `);
                field.current.focus();
            } })}/></div>
    </div>`;
}
