// What is typed, kept in this browser at every key until the node has it on its disk; then wiped.
import { useEffect, useRef, useState } from "/dom.js";
import { ask, view } from "/link.js";

const PREFIX = "fluit-draft";
const TYPED = "typed";
const SAVE_MS = 2500;

const nameOf = key => `${PREFIX}/${view.value.workshop}/${key}`;

export function getDraft(key) {
    return JSON.parse(localStorage.getItem(nameOf(key)) ?? "null");
}

export function keepDraft(key, draft) {
    try {
        localStorage.setItem(nameOf(key), JSON.stringify(draft));
    } catch {
        // no room: it is on the screen, and is saved in a moment
    }
}

export function wipeDraft(key) {
    localStorage.removeItem(nameOf(key));
}

// The drafts whose key begins so: [[key, draft]].
export function draftsOf(begin) {
    const from = nameOf(begin), cut = nameOf("").length;
    return Object.keys(localStorage).filter(name => name.startsWith(from))
        .map(name => [name.slice(cut), JSON.parse(localStorage.getItem(name))]);
}

// Texts that were typed when a tab was closed are saved now.
export function saveLeftTexts(round) {
    for (const [key, draft] of draftsOf(`${TYPED}/${round}/`))
        ask({ ...draft.what, [draft.field]: draft.text })
            .then(() => getDraft(key)?.text === draft.text && wipeDraft(key));
}

// One text of the node's that is typed here: [text, type, save]. saved: what the node says; what:
// the request that saves it, field: the member of it that is the text. While somebody types, what
// the node says is not put over it.
export function useTyped(name, round, saved, what, field = "text") {
    const key = `${TYPED}/${round}/${name}`;
    const [typed, setTyped] = useState(() => getDraft(key)?.text ?? null);
    const timer = useRef(null), busy = useRef(false), now = useRef({});
    now.current = { text: typed, saved };
    const save = async () => {
        clearTimeout(timer.current);
        const { text } = now.current;
        if (busy.current || text === null)
            return;
        busy.current = true;
        const answer = text === now.current.saved ? { ok: true }
            : await ask({ ...what, [field]: text });
        busy.current = false;
        if (now.current.text !== text)
            return save();
        if (answer.ok) {
            wipeDraft(key);
            now.current.text = null;
            setTyped(null);
        }
    };
    const type = text => {
        now.current.text = text;
        setTyped(text);
        keepDraft(key, { what, field, text });
        clearTimeout(timer.current);
        timer.current = setTimeout(save, SAVE_MS);
    };
    useEffect(() => () => {
        save();
    }, []);
    return [typed ?? saved, type, save];
}
