// Asking this computer: an answer, or why not.
import { html, useState } from "/dom.js";
import { look } from "/link.js";
import { whyText } from "/home/words.js";

export const askFor = async what => await look(what) ?? { ok: false, why: "" };

// {run, busy, trouble, answer}: run(what) asks; busy while it waits; trouble is why it was refused.
export function useAsk() {
    const [state, setState] = useState({ busy: false, why: null, answer: null });
    const run = async what => {
        setState({ busy: true, why: null, answer: state.answer });
        const answer = await askFor(what);
        setState({ busy: false, why: answer.ok ? null : answer.why, answer });
        return answer;
    };
    return { run, busy: state.busy, trouble: state.why === null ? "" : whyText(state.why),
        answer: state.answer?.ok ? state.answer : null };
}

export const Trouble = ({ text }) => html`<p class="trouble" role="alert">${text}</p>`;

// The page behind a link that opens once, in a tab of its own; in this one if no tab may be opened.
export async function openPage(ask, name, page) {
    const answer = await ask.run({ do: "open", name, page });
    if (answer.ok && !window.open(answer.link, "_blank"))
        location.assign(answer.link);
}
