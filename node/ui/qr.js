// A text as a QR, drawn as SVG.
import { html } from "/dom.js";
import qrcode from "/lib/qrcode.js";

export function Qr({ text, label }) {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount(), quiet = 4, size = count + 2 * quiet;
    let path = "";
    for (let y = 0; y < count; y++)
        for (let x = 0; x < count; x++)
            if (code.isDark(y, x))
                path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
    return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${label}
        shape-rendering="crispEdges"><rect width=${size} height=${size} fill="#ffffff"/>
        <path d=${path} fill="#000000"/></svg>`;
}
