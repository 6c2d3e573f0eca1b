// The table's page: what goes on now, the board, the notes, a paper board typed in.
import { html, useLayoutEffect, useMemo, useRef, useState } from "/dom.js";
import { pending } from "/link.js";
import { useStore } from "/store.js";
import { say, useLanguage } from "/text.js";
import { BesideBoard, NextBoard, Undo } from "/table/aside.js";
import { cardId, cardName } from "/table/card.js";
import { saveLeftTexts } from "/table/drafts.js";
import { Head, Notices, Tabs } from "/table/frame.js";
import { Hand } from "/table/hand.js";
import { chosen, lifted, linking, putBack, speak } from "/table/lifted.js";
import { Line, placeName } from "/table/line.js";
import { shownBoard } from "/table/model.js";
import { Now } from "/table/now.js";
import { active } from "/table/note.js";
import { edit } from "/table/notekeeper.js";
import { newNote } from "/table/notes.js";
import { NotesPage } from "/table/notes_page.js";
import { BlankForm, Panel, Where } from "/table/panel.js";
import { Paper } from "/table/paper.js";
import { Photo } from "/table/photo.js";
import { Questions } from "/table/questions.js";
import { t } from "/table/words.js";

const ON_BOARD = ["round", "changeover"];

// After a card was laid with the keys it is another element, in another place: it keeps the focus.
function useFocusThatFollows() {
    const held = useStore(lifted);
    const [last, setLast] = useState(null);
    const followed = useRef(false);
    useLayoutEffect(() => {
        if (held) {
            followed.current = false;
            return setLast(held.how === "key" ? held : null);
        }
        if (!last)
            return;
        const { activeElement: active } = document, nowhere = !active || active === document.body;
        const card = document.getElementById(cardId(last.card, last.copy));
        // The node's word may draw it anew once more.
        if (nowhere || (!followed.current && active.dataset.card))
            card?.focus();
        else if (active !== card)
            setLast(null);
        followed.current = true;
    });
}

function BoardPage({ view, script, board, onNote }) {
    const seen = useStore(chosen), from = useStore(linking), held = useStore(lifted);
    const [blank, setBlank] = useState(false);
    useFocusThatFollows();
    useLayoutEffect(() => {
        const onKey = event => {
            if (event.key === "Escape" && lifted.value)
                putBack();
            else if (event.key === "Escape")
                linking.value = null;
        };
        addEventListener("keydown", onKey);
        return () => removeEventListener("keydown", onKey);
    }, []);
    useLayoutEffect(() => { chosen.value = lifted.value = linking.value = null; }, [board.round]);
    const common = { script, board, own: view.own };
    const panel = blank ? "blank" : held && held.at === "hand" && held.how !== "drag" ? "where"
        : seen && board.card(seen).at !== "hand" ? "card" : "beside";
    return html`<div class="board-page ${held ? "holding" : ""} ${from ? "tying" : ""}">
        <p id="card-help" class="visually-hidden">${t("cardHelp")}</p>
        <${Line} ...${common}/>
        <aside class="side-cell ${panel !== "beside" ? "up" : ""}"><div class="side-panel">
            <div class="row tools-row"><${Undo} view=${view}/>
                <${Photo} view=${view} board=${board}/></div>
            <${NextBoard} board=${board}/>
            ${panel === "blank" ? html`<${BlankForm} script=${script}
                done=${() => setBlank(false)}/>`
                : panel === "where" ? html`<${Where} ...${common}/>`
                    : panel === "card" ? html`<${Panel} ...${common} onNote=${onNote}/>`
                        : html`<${BesideBoard} view=${view} script=${script} board=${board}/>`}
        </div></aside>
        <${Hand} ...${common} onBlank=${() => setBlank(true)}/>
    </div>`;
}

function pageFor(script, plan) {
    return ON_BOARD.includes(script.steps[plan.step].kind) ? "board" : "now";
}

export default function Table({ view, script }) {
    useLanguage();
    const onTheWay = useStore(pending);
    const board = useMemo(() => shownBoard(view, script, onTheWay), [view, script, onTheWay]);
    const [page, pick] = useState(() => pageFor(script, view.plan));
    useLayoutEffect(() => pick(pageFor(script, view.plan)), [view.plan.step]);
    useLayoutEffect(() => saveLeftTexts(view.board.round), []);
    speak(t, { card: id => cardName(script, board, id), where: key => placeName(script, key) });
    const onNote = (card, copy) => {
        const base = newNote(view, script);
        edit(base, { card, copy });
        active.value = base;
        pick("notes");
        requestAnimationFrame(() =>
            document.querySelector(`[data-note="${base.id}"] textarea`)?.focus());
    };
    const step = script.steps[view.plan.step];
    const pages = [["now", t("pageNow")], ["board", t("pageBoard", { n: board.round })],
        ["notes", t("pageNotes")], ["paper", t("pagePaper")]];
    const other = step.round > 0 && step.round !== board.round;
    return html`<div class="table-page on-${page}">
        <${Head} view=${view} script=${script}>
            <${Tabs} pages=${board.round > 0 ? pages : pages.filter(([key]) => key !== "board"
                && key !== "paper")} page=${page} pick=${pick}/></${Head}>
        <${Notices} view=${view}/>
        ${other && html`<p class="notice">
            ${t("otherBoard", { n: board.round, step: say(step.title) })}
            <${NextBoard} board=${board}/></p>`}
        ${(page === "board" || page === "notes") && step.round > 0
            && html`<${Questions} view=${view} script=${script}/>`}
        <main><div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${page}`} class="main">
            ${page === "now" ? html`<${Now} view=${view} script=${script} board=${board}>
                    ${step.kind === "changeover" && html`<div class="row"><${Photo} view=${view}
                        board=${board}/></div>`}<${NextBoard} board=${board}/></${Now}>`
                : page === "board" ? html`<${BoardPage} view=${view} script=${script} board=${board}
                    onNote=${onNote}/>`
                    : page === "notes" ? html`<${NotesPage} view=${view} script=${script}
                        board=${board}/>`
                        : html`<${Paper} view=${view} script=${script} board=${board}/>`}
        </div></main>
    </div>`;
}
