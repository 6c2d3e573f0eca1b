// The notes with the board beside them; a tap on a card ties the note to it.
import { html } from "/dom.js";
import { useStore } from "/store.js";
import { Line } from "/table/line.js";
import { active, asShown, tie } from "/table/note.js";
import { drafts } from "/table/notekeeper.js";
import { newNote, Notes } from "/table/notes.js";
import { t } from "/table/words.js";

export function NotesPage({ view, script, board }) {
    const base = useStore(active), typed = useStore(drafts);
    const known = base && view.notes.find(note => note.id === base.id);
    const now = base && asShown(known ?? base, typed[base.id]);
    const reading = card => ({
        onTap: (id, copy) => {
            active.value = base ?? newNote(view, script);
            tie(active.value, id, copy);
        },
        pressed: Boolean(now && now.card === card.id && now.copy === card.copy),
    });
    return html`<div class="notes-page">
        <${Notes} view=${view} script=${script} board=${board}/>
        <aside class="small-board" aria-label=${t("boardNow")}>
            <h2>${t("boardNow")}</h2><p class="small">${t("tapToTie")}</p>
            <${Line} script=${script} board=${board} own=${view.own} reading=${reading}/></aside>
    </div>`;
}
