// What the step asks of the table: polls (an answer a seat, or one of all), hands, open questions.
import { announce, html, useState } from "/dom.js";
import { say } from "/text.js";
import { useTyped } from "/table/drafts.js";
import { act } from "/table/lifted.js";
import { QuestionNotes } from "/table/notes.js";
import { Mark, NoNames } from "/table/parts.js";
import { t } from "/table/words.js";

const SEATS_SHOWN = 5;

function answerOf(board, question, seat) {
    const round = board.roundOf({ question: question.id });
    return board.answers.find(one => one.question === question.id && one.seat === seat
        && one.round === round);
}

function Options({ question, board, own, seat, onAnswer }) {
    const given = answerOf(board, question, seat);
    const choose = option => {
        const again = given?.text === option.id;
        act({ do: "answer", question: question.id, ...seat && { seat },
            text: again ? "" : option.id });
        announce(t(again ? "answerBack" : "answered", { answer: say(option.name) }));
        if (!again)
            onAnswer?.();
    };
    return html`<div class="options" role="group" aria-label=${say(question.text)}>
        ${question.options.map(option => html`<button key=${option.id} class="option"
            aria-pressed=${given?.text === option.id} onClick=${() => choose(option)}>
            <span class="tick" aria-hidden="true">${given?.text === option.id ? "●" : "○"}</span>
            ${say(option.name)}
            ${given?.text === option.id && html`<${Mark} of=${given} own=${own}/>`}</button>`)}
    </div>`;
}

function Text({ script, question, board, own, seat }) {
    const given = answerOf(board, question, seat), id = `answer-${question.id}-${seat}`;
    const what = { do: "answer", question: question.id, ...seat && { seat } };
    const [text, type, save] = useTyped(`answer/${question.id}/${seat}`,
        board.roundOf({ question: question.id }), given?.text ?? "", what);
    return html`<div class="field"><label for=${id}>${t("yourAnswer")}</label>
        <${NoNames} script=${script}/> <${Mark} of=${given} own=${own}/>
        <textarea id=${id} rows="3" maxlength="2000" value=${text} onBlur=${save}
            onInput=${event => type(event.target.value)}></textarea></div>`;
}

function Hands({ question, board, own }) {
    const given = answerOf(board, question, 0), count = Number(given?.text ?? 0);
    const put = n => act({ do: "answer", question: question.id, text: String(n) });
    return html`<div class="hands" role="group" aria-label=${say(question.text)}>
        <button aria-label=${t("fewer")} disabled=${count === 0}
            onClick=${() => put(count - 1)}>−</button>
        <output aria-live="polite">${given ? count : "–"}</output>
        <button aria-label=${t("more")} onClick=${() => put(count + 1)}>+</button>
        <span>${t("hands")}</span> <${Mark} of=${given} own=${own}/></div>`;
}

function Seats({ script, question, board, seat, pick }) {
    const used = Math.max(SEATS_SHOWN, seat, ...Object.values(board.roles),
        ...board.answers.filter(one => one.question === question.id).map(one => one.seat));
    const [more, setMore] = useState(0);
    const count = Math.min(script.seats_max, used + more);
    return html`<div class="seats" role="group" aria-label=${t("whichSeat")}>
        ${Array.from({ length: count }, (_, i) => i + 1).map(n => html`<button key=${n}
            aria-pressed=${n === seat} onClick=${() => pick(n)}>${t("seat", { n })}
            ${answerOf(board, question, n)?.text && html` <span aria-hidden="true">✓</span>
                <span class="visually-hidden">${t("hasAnswered")}</span>`}</button>`)}
        ${count < script.seats_max && html`<button aria-label=${t("moreSeats")}
            onClick=${() => setMore(more + 1)}>+</button>`}
    </div>`;
}

function Answer({ view, script, board, question, kind }) {
    const [seat, pick] = useState(1), own = view.own;
    const perSeat = question.per === "seat", at = perSeat ? seat : 0;
    // Handed on: the next seat that has not answered.
    const next = () => {
        for (let n = seat + 1; n <= script.seats_max; n++)
            if (!answerOf(board, question, n)?.text)
                return pick(n);
    };
    return html`<section class="answer">
        <h2>${say(question.text)}</h2>
        ${perSeat && html`<p class="small">${t("perSeat")}</p>
            <${Seats} script=${script} question=${question} board=${board} seat=${seat}
                pick=${pick}/>`}
        ${question.options.length > 0
            ? html`<${Options} key=${at} question=${question} board=${board} own=${own} seat=${at}
                onAnswer=${perSeat && next}/>`
            : question.per === "hands"
                ? html`<${Hands} question=${question} board=${board} own=${own}/>`
                : perSeat
                    ? html`<${Text} key=${at} script=${script} question=${question} board=${board}
                        own=${own}
                        seat=${at}/>`
                    : html`<${QuestionNotes} view=${view} script=${script} board=${board}
                        id=${question.id}
                        round=${0} open=${true} plenary=${kind === "open-question"}/>`}
    </section>`;
}

export function Answers({ view, script, board }) {
    const step = script.steps[view.plan.step];
    return step.round > 0 ? null : step.questions.map(id => html`<${Answer}
        key=${`${step.id}/${id}`}
        view=${view} script=${script} board=${board} kind=${step.kind}
        question=${script.questions.find(one => one.id === id)}/>`);
}
