// The code by which phones open this page: shown on the node's own machine, if it serves phones.
import { html, useEffect, useLayoutEffect, useRef, useState } from "/dom.js";
import { phonesUrl } from "/link.js";
import { useLanguage, words } from "/text.js";
import texts from "/text/phones.js";

const t = words(texts);

function CodeDialog({ close, first }) {
    const dialog = useRef(null), [url, setUrl] = useState(first), [asks, setAsks] = useState(false);
    const [Qr, setQr] = useState(null);
    useLayoutEffect(() => {
        const before = document.activeElement;
        dialog.current.showModal();
        import("/qr.js").then(module => setQr(() => module.Qr));
        // The address may be another by now.
        phonesUrl().then(now => now && setUrl(now));
        return () => before?.isConnected && before.focus();
    }, []);
    const renew = async () => {
        setAsks(false);
        setUrl(await phonesUrl({ renew: true }) ?? url);
    };
    return html`<dialog ref=${dialog} class="phones-code" aria-labelledby="phones-title"
        onClose=${close}>
        <header><h2 id="phones-title">${t("title")}</h2>
            <button onClick=${() => dialog.current.close()}>${t("close")}</button></header>
        ${Qr && html`<${Qr} text=${url} label=${t("code")}/>`}
        <p>${t("how")}</p><p class="quiet">${t("secret")}</p>
        ${asks ? html`<p role="alert">${t("renewAsk")}</p>
                <button class="primary" onClick=${renew}>${t("renewYes")}</button>
                <button onClick=${() => setAsks(false)}>${t("cancel")}</button>`
            : html`<button onClick=${() => setAsks(true)}>${t("renew")}</button>`}
    </dialog>`;
}

export function Phones() {
    useLanguage();
    const [url, setUrl] = useState(null), [shown, setShown] = useState(false);
    useEffect(() => {
        let gone = false;
        phonesUrl().then(now => !gone && setUrl(now));
        return () => { gone = true; };
    }, []);
    return url && html`<button class="phones" onClick=${() => setShown(true)}>${t("open")}</button>
        ${shown && html`<${CodeDialog} first=${url} close=${() => setShown(false)}/>`}`;
}
