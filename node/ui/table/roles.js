// Whose round it is and who has which role: seats, no names.
import { html } from "/dom.js";
import { say } from "/text.js";
import { act } from "/table/lifted.js";
import { t } from "/table/words.js";

export function teller(script, round) {
    return script.roles.find(role => role.tells_in > 0 && role.tells_in === round);
}

export function Roles({ script, board, tasks = false, fixed = false }) {
    const seats = Array.from({ length: script.seats_max }, (_, i) => i + 1);
    const tells = teller(script, board.round);
    return html`<section class="roles" aria-labelledby="roles-title">
        <h2 id="roles-title">${t("roles")}</h2>
        <ul>${script.roles.map(role => html`<li key=${role.id}
            class=${role === tells ? "tells" : ""}>
            <label for=${`role-${role.id}`}>${say(role.name)}
                ${role === tells && html` <span class="tag">${t("tells")}</span>`}</label>
            <select id=${`role-${role.id}`} value=${board.roles[role.id] ?? 0}
                disabled=${fixed} onChange=${event =>
                act({ do: "role", role: role.id, seat: Number(event.target.value) })}>
                <option value="0">${t("nobody")}</option>
                ${seats.map(n => html`<option key=${n} value=${n}>${t("seat", { n })}</option>`)}
            </select>
            ${tasks && html`<p class="small">${say(role.task)}</p>`}
        </li>`)}</ul>
    </section>`;
}
