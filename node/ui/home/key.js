// The recovery key: shown until its last characters are typed back, then nowhere any more.
import { html, useEffect, useState } from "/dom.js";
import { Trouble, useAsk } from "/home/ask.js";
import { t } from "/home/words.js";

export function RecoveryKey({ name }) {
    const shown = useAsk(), ask = useAsk(), [typed, setTyped] = useState("");
    useEffect(() => { shown.run({ do: "key", name }); }, [name]);
    const check = event => {
        event.preventDefault();
        ask.run({ do: "typed", name, typed });
    };
    return html`<section class="card important"><h3>${t("key")}</h3><p>${t("keyHelp")}</p>
        ${shown.answer ? html`<pre class="key">${shown.answer.key.trim()}</pre>`
            : html`<${Trouble} text=${shown.trouble}/>`}
        <form class="row" onSubmit=${check}><label>${t("keyType")}
            <input required autocomplete="off" autocapitalize="characters" spellcheck=${false}
                maxlength="12" size="8" value=${typed}
                onInput=${event => setTyped(event.target.value)}/></label>
            <button class="primary" disabled=${ask.busy}>${t("keyDone")}</button></form>
        <${Trouble} text=${ask.trouble}/></section>`;
}
