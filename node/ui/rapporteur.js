import { html } from "/dom.js";

export default function Page({ view }) {
    return html`<pre>${JSON.stringify(view, null, 1)}</pre>`;
}
