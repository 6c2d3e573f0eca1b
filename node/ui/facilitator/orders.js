// What the facilitator orders, and what came of it in plain words. An order has its moment: it is
// asked now or not at all, and never sent again later by itself.
import { look } from "/link.js";
import { Store } from "/store.js";
import { whyText } from "/why.js";
import { t } from "/facilitator/words.js";

// The newest outcome: {ok, text, at}, or null.
export const outcome = new Store(null);

// A refusal, in plain words.
export const refusalText = answer => answer.code ? whyText(answer) : t("noOther", answer);

// Asks for it; done: what to say if it was done. The answer, or null.
export async function order(request, done = "") {
    const answer = await look(request);
    const isSoon = answer?.said?.some(line => /^mind: .* s away/.test(line));
    const text = !answer ? t("noAnswer") : !answer.ok ? refusalText(answer)
        : isSoon ? `${done} ${t("mindLate")}` : done;
    outcome.value = { ok: Boolean(answer?.ok), text, at: performance.now() };
    return answer?.ok ? answer : null;
}

export const line = (text, done) => order({ do: "line", line: text }, done);
