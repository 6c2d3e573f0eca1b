// Tabs, with the arrow keys between them.
import { html, useRef } from "/dom.js";

export function Tabs({ tabs, chosen, choose, label }) {
    const list = useRef(null);
    const press = event => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by)
            return;
        const at = tabs.findIndex(tab => tab.id === chosen);
        choose(tabs[(at + by + tabs.length) % tabs.length].id);
        requestAnimationFrame(() => list.current.querySelector("[aria-selected=true]").focus());
    };
    return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${press}>
        ${tabs.map(tab => html`<button key=${tab.id} role="tab" id=${`tab-${tab.id}`}
            aria-selected=${tab.id === chosen ? "true" : "false"} aria-controls="tab-panel"
            tabindex=${tab.id === chosen ? 0 : -1} onClick=${() => choose(tab.id)}>${tab.name}
            ${tab.mark && html` <span class="badge">${tab.mark}</span>`}</button>`)}</div>`;
}
