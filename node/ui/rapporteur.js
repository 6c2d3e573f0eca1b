// The rapporteur's page: notes by question, the board changing beside them.
import { html, useEffect, useMemo, useState } from "/dom.js";
import { pending } from "/link.js";
import { useStore } from "/store.js";
import { useLanguage } from "/text.js";
import { Undo } from "/table/aside.js";
import { cardName } from "/table/card.js";
import { saveLeftTexts } from "/table/drafts.js";
import { Head, Notices, Tabs } from "/table/frame.js";
import { speak } from "/table/lifted.js";
import { placeName } from "/table/line.js";
import { shownBoard } from "/table/model.js";
import { Now } from "/table/now.js";
import { Questions } from "/table/questions.js";
import { t } from "/table/words.js";
import { NotesPage } from "/table/notes_page.js";

const ASKS = ["poll", "open-question"];

export default function Rapporteur({ view, script }) {
    useLanguage();
    const onTheWay = useStore(pending);
    const board = useMemo(() => shownBoard(view, script, onTheWay), [view, script, onTheWay]);
    const step = script.steps[view.plan.step], first = ASKS.includes(step.kind) ? "now" : "notes";
    const [page, pick] = useState(first);
    useEffect(() => pick(first), [view.plan.step]);
    useEffect(() => saveLeftTexts(view.board.round), []);
    speak(t, { card: id => cardName(script, board, id), where: key => placeName(script, key) });
    return html`<div class="table-page rapporteur on-${page}">
        <${Head} view=${view} script=${script}>
            <div class="with-undo"><${Undo} view=${view}/><${Tabs} page=${page} pick=${pick}
                pages=${[["notes", t("pageNotes")], ["now", t("pageNow")]]}/></div></${Head}>
        <${Notices} view=${view}/>
        ${page === "notes" && step.round > 0 && html`<${Questions} view=${view} script=${script}/>`}
        <main><div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${page}`} class="main">
            ${page === "now" ? html`<${Now} view=${view} script=${script} board=${board}/>`
                : html`<${NotesPage} view=${view} script=${script} board=${board}/>`}
        </div></main>
    </div>`;
}
