// A dialog over the page: it keeps the focus, Escape closes it, and the focus goes back after.
import { html, useLayoutEffect, useRef } from "/dom.js";
import { t } from "/facilitator/words.js";

export function Dialog({ title, close, children, kind = "" }) {
    const dialog = useRef(null);
    useLayoutEffect(() => {
        const before = document.activeElement;
        dialog.current.showModal();
        return () => before?.isConnected && before.focus();
    }, []);
    return html`<dialog ref=${dialog} class=${`window ${kind}`} aria-labelledby="dialog-title"
        onClose=${close}>
        <header><h2 id="dialog-title">${title}</h2>
            <button onClick=${close}>${t("close")}</button></header>
        ${children}</dialog>`;
}

// A question before something that all tables notice.
export function Confirm({ title, text, yes, close, agree }) {
    return html`<${Dialog} title=${title} close=${close} kind="small"><p>${text}</p>
        <div class="row"><button class="primary" onClick=${() => { close(); agree(); }}>
                ${yes}</button>
            <button onClick=${close}>${t("cancelWord")}</button></div></${Dialog}>`;
}
