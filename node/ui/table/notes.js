// Notes by question: those of a round, of the table talks, of an open question.
import { html, useEffect, useLayoutEffect, useRef, useState } from "/dom.js";
import { useStore } from "/store.js";
import { say } from "/text.js";
import { act } from "/table/lifted.js";
import { active, Note } from "/table/note.js";
import { begin, drafts, randomId } from "/table/notekeeper.js";
import { questionNow } from "/table/questions.js";
import { t } from "/table/words.js";

// What there is to take notes on: [{key, round, title, step, questions}].
export function sheetsOf(script) {
    const rounds = [...new Set(script.steps.map(step => step.round).filter(round => round > 0))];
    const talks = script.steps.filter(step =>
        step.kind === "table-talk" || (step.kind === "open-question" && step.questions.length > 0));
    const inRounds = rounds.map(round => {
        const step = script.steps.find(one => one.round === round);
        return { key: `round-${round}`, round, title: say(step.title), questions: step.questions };
    });
    const others = talks.map(step => ({ key: step.id, round: 0, title: say(step.title),
        questions: step.questions, plenary: step.kind === "open-question" }));
    return [...inRounds, ...others].sort((a, b) => orderOf(script, a) - orderOf(script, b));
}

const orderOf = (script, sheet) =>
    script.steps.findIndex(step =>
        sheet.round ? step.round === sheet.round : step.id === sheet.key);

export function sheetNow(view, script) {
    const step = script.steps[view.plan.step], sheets = sheetsOf(script);
    return sheets.find(sheet => sheet.key === step.id)
        ?? sheets.find(sheet => sheet.round === view.board.round) ?? sheets[0];
}

// What a new note begins with when no field for it was chosen: on the question of the moment.
export function newNote(view, script) {
    const sheet = sheetNow(view, script), asked = questionNow(view.plan, script);
    return { id: randomId(), round: sheet?.round ?? 0, text: "",
        question: sheet?.questions.includes(asked) ? asked : sheet?.questions[0] ?? null };
}

// One question with its notes. A field for a new one stands below, as long as any can be added.
export function QuestionNotes({ view, script, board, id, round, open, plenary = false, now }) {
    const [fresh, setFresh] = useState(randomId);
    const all = useStore(drafts), question = script.questions.find(one => one.id === id);
    const has = view.notes.filter(note => note.round === round && (note.question ?? null) === id);
    const known = new Set(view.notes.map(note => note.id));
    const mine = Object.values(all).filter(draft =>
        !known.has(draft.id) && draft.question === id && draft.round === round);
    const list = [...has, ...mine.map(draft => ({ ...draft, revision: null }))];
    const listed = list.some(note => note.id === fresh);
    useEffect(() => {
        if (listed)
            setFresh(randomId());
    }, [listed]);
    const role = script.roles.find(one => one.id === question?.asked_of);
    const label = question ? say(question.text) : t("otherNotes");
    const base = { id: fresh, round, question: id, text: "", plenary };
    const shown = listed || !open ? list : [...list, base];
    const section = useRef(null);
    const hidden = id === null && shown.length === 0;
    useEffect(() => {
        if (now)
            section.current?.scrollIntoView({ block: "nearest" });
    }, [now]);
    return !hidden && html`<section class="sheet-question ${now ? "now" : ""}"
        data-question=${id ?? ""} ref=${section}
            aria-label=${label}>
        <h3>${label}${role && html` <span class="tag">${say(role.name)}</span>`}
            ${now && html` <span class="tag now">${t("askedNow")}</span>`}</h3>
        <ul>${shown.map(note => html`<${Note} key=${note.id} base=${note} script=${script}
            board=${board}
            own=${view.own} fresh=${note.id === fresh && !listed} label=${label}/>`)}</ul>
        ${shown.length === 0 && html`<p class="small">${t("noNotes")}</p>`}
    </section>`;
}

function Group({ script, board }) {
    const group = script.groups.find(one => one.id === board.group);
    return html`<section class="group"><label for="group">${t("group")}</label>
        <select id="group" value=${board.group ?? ""} onChange=${event =>
            act({ do: "group", group: event.target.value || null })}>
            <option value="">${t("noGroup")}</option>
            ${script.groups.map(one => html`<option key=${one.id} value=${one.id}>
                ${say(one.name)}</option>`)}
        </select>
        ${group && html`<p class="small">${say(group.marks)}</p>`}</section>`;
}

export function Notes({ view, script, board }) {
    const [{ picked, when }, setPicked] = useState({});
    const moment = `${view.plan.step}/${view.board.round}`;
    const sheets = sheetsOf(script), current = sheetNow(view, script);
    // What was picked counts until the workshop goes on.
    const sheet = (when === moment && sheets.find(one => one.key === picked)) || current;
    useEffect(begin, []);
    useLayoutEffect(() => () => { active.value = null; }, [sheet?.key]);
    if (!sheet)
        return html`<p class="small">${t("noNotes")}</p>`;
    // A note on no question belongs to the round only while it is played.
    const playing = ["round", "changeover", "explain"].includes(script.steps[view.plan.step].kind);
    const open = sheet.round === 0 || sheet.round === view.board.round;
    const asked = sheet.key === current.key ? questionNow(view.plan, script) : null;
    return html`<div class="notes"><h2 class="visually-hidden">${t("pageNotes")}</h2>
        ${sheets.length > 1 && html`<div class="sheets" role="group" aria-label=${t("notesOn")}>
            ${sheets.map(one => html`<button key=${one.key} aria-pressed=${one.key === sheet.key}
                onClick=${() => setPicked({ picked: one.key, when: moment })}>
                ${one.title}</button>`)}</div>`}
        ${view.notes_left_out > 0 && html`<p class="small">
            ${t("leftOut", { n: view.notes_left_out })}</p>`}
        ${script.groups_on && sheet.round > 0 && open && html`<${Group} script=${script}
            board=${board}/>`}
        ${[...sheet.questions, null].map(id => html`<${QuestionNotes} key=${`${sheet.key}/${id}`}
            view=${view} script=${script} board=${board} id=${id} round=${sheet.round}
            plenary=${sheet.plenary} open=${open && (id !== null || (sheet.round > 0 && playing))}
            now=${id !== null && id === asked}/>`)}
    </div>`;
}
