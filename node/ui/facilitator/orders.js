// What the facilitator orders, and what came of it in plain words. An order has its moment: it is
// asked now or not at all, and never sent again later by itself.
import { look } from "/link.js";
import { Store } from "/store.js";
import { t } from "/facilitator/words.js";

// The newest outcome: {ok, text, at}, or null.
export const outcome = new Store(null);

// The console's refusals, as the page says them.
const refusals = [
    [/another page/, "noControl"],
    [/is running: end it first/, "noRunningEnd"],
    [/is running already/, "noRunningAlready"],
    [/is not running|was not started/, "noNotStarted"],
    [/is about to start/, "noStarting"],
    [/is paused/, "noPaused"],
    [/has ended/, "noEnded"],
    [/no set time to pause/, "noSetTimePause"],
    [/no set time to extend/, "noSetTimeExtend"],
    [/ends by itself/, "noMoment"],
    [/is the first/, "noFirst"],
    [/is the last/, "noLast"],
    [/more than a day|up to a day/, "noTooLong"],
    [/whistled as often/, "noWhistles"],
    [/one moment/, "noOneMoment"],
    [/another hub leads/, "noOtherLeads"],
    [/no device of that table/, "noDevice"],
    [/as many (tables|invites|standbys)/, "noTables"],
    [/no such quote|changed it/, "noQuote"],
    [/^say what/, "noMessage"],
    [/goes on at another/, "noMerge"],
];

export function refusalText(why) {
    const found = refusals.find(([pattern]) => pattern.test(why));
    return found ? t(found[1]) : t("noOther", { why });
}

// Asks for it; done: what to say if it was done. The answer, or null.
export async function order(request, done = "") {
    const answer = await look(request);
    const isSoon = answer?.said?.some(line => /^mind: .* s away/.test(line));
    const text = !answer ? t("noAnswer") : !answer.ok ? refusalText(answer.why)
        : isSoon ? `${done} ${t("mindLate")}` : done;
    outcome.value = { ok: Boolean(answer?.ok), text, at: performance.now() };
    return answer?.ok ? answer : null;
}

export const line = (text, done) => order({ do: "line", line: text }, done);
