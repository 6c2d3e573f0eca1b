// The code that makes the facilitator's own phone a remote.
import { html, useState } from "/dom.js";
import { phonesUrl } from "/link.js";
import { Qr } from "/qr.js";
import { Dialog } from "/facilitator/dialog.js";
import { t } from "/facilitator/words.js";

export function RemoteCode() {
    const [url, setUrl] = useState(undefined); // null: phones are not let in
    return html`<button onClick=${async () => setUrl(await phonesUrl())}>${t("phones")}</button>
        ${url !== undefined && html`<${Dialog} title=${t("phones")} kind="code"
            close=${() => setUrl(undefined)}>
            ${url ? html`<p>${t("phonesHelp")}</p><${Qr} text=${url} label=${t("phones")}/>`
                : html`<p>${t("phonesOff")}</p>`}</${Dialog}>`}`;
}
