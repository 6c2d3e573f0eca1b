// What the room answered to polls: those of the step, or all.
import { html } from "/dom.js";
import { say } from "/text.js";
import { countText, t } from "/projector/words.js";

function Options({ question, poll }) {
    const most = Math.max(1, ...Object.values(poll.options));
    return html`<ul class="bars">${question.options.map(option => {
        const count = poll.options[option.id] ?? 0;
        const part = poll.answers ? Math.round(100 * count / poll.answers) : 0;
        return html`<li key=${option.id}><span class="name">${say(option.name)}</span>
            <span class="track"><span class="length" aria-hidden="true"
                style=${{ width: `${(100 * count / most).toFixed(1)}%` }}></span></span>
            <span class="count">${count} <small>${part} %</small></span></li>`;
    })}</ul>`;
}

function Poll({ question, poll }) {
    return html`<section class="poll"><h2>${say(question.text)}</h2>
        <p class="quiet">${countText("answers", poll.answers)}</p>
        ${question.options.length > 0 ? html`<${Options} question=${question} poll=${poll}/>`
            : html`<p class="hands"><strong>${poll.hands}</strong> ${t("hands")}</p>`}</section>`;
}

export function Polls({ script, room, step }) {
    const here = room.polls.filter(poll => step?.questions.includes(poll.question));
    const polls = here.length > 0 ? here : room.polls;
    return html`<section class="screen polls">
        ${polls.length === 0 && html`<p class="quiet">${t("noPolls")}</p>`}
        ${polls.map(poll => html`<${Poll} key=${poll.question} poll=${poll}
            question=${script.questions.find(q => q.id === poll.question)}/>`)}</section>`;
}
