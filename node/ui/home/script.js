// Chooses a script, shows what is in it, and takes one of one's own.
import { html, useEffect, useState } from "/dom.js";
import { say } from "/text.js";
import { askFor, Trouble, useAsk } from "/home/ask.js";
import { slug } from "/home/names.js";
import { t } from "/home/words.js";

function Agenda({ steps }) {
    const clock = min => `${Math.floor(min / 60)}:${String(min % 60).padStart(2, "0")}`;
    return html`<ol class="plain">${steps.map(step => html`<li key=${step.id}>
        <span class="when">${step.planned_min >= 0 ? clock(step.planned_min) : ""}</span>
        ${say(step.title)}${step.duration_us > 0 && html` <small>${
            t("minutes", { n: Math.round(step.duration_us / 60e6) })}</small>`}</li>`)}</ol>`;
}

function Cards({ script }) {
    const groups = script.categories.map(one => ({ ...one,
        cards: script.cards.filter(card => card.category === one.id) }));
    return html`${groups.map(group => html`<p key=${group.id}><span class="swatch"
        ref=${box => box && (box.style.background = group.colour)}></span>
        <strong>${say(group.name)}</strong>: ${
            group.cards.map(card => say(card.name)).join(", ")}</p>`)}`;
}

function Questions({ script }) {
    return html`<ol>${script.questions.map(one => html`<li key=${one.id}>
        ${say(one.text)}</li>`)}</ol>`;
}

export function ScriptLook({ name }) {
    const [script, setScript] = useState(null);
    useEffect(() => {
        let gone = false;
        setScript(null);
        askFor({ do: "script", script: name })
            .then(answer => !gone && setScript(answer.ok ? answer.script : false));
        return () => { gone = true; };
    }, [name]);
    if (script === false)
        return html`<${Trouble} text=${t("scriptBad")}/>`;
    if (!script)
        return html`<p>${t("moment")}</p>`;
    return html`<div class="script-look"><h3>${say(script.title)}</h3>
        <p>${t("scriptSum", { cards: script.cards.length, rounds: script.round_count,
            steps: script.steps.length, languages: script.languages.join(", ") })}</p>
        <details><summary>${t("agenda")}</summary><${Agenda} steps=${script.steps}/></details>
        <details><summary>${t("cards")}</summary><${Cards} script=${script}/></details>
        <details><summary>${t("questions")}</summary><${Questions} script=${script}/></details>
    </div>`;
}

// A script from a file, checked by this computer before it is kept.
function OwnScript({ choose }) {
    const ask = useAsk();
    const take = async event => {
        const file = event.target.files[0];
        if (!file)
            return;
        const name = slug(file.name.replace(/\.ya?ml$/i, ""));
        const answer = await ask.run({ do: "save_script", name, yaml: await file.text() });
        if (answer.ok)
            choose(`own/${name}`);
    };
    return html`<label class="file">${t("ownScript")}
        <input type="file" accept=".yaml,.yml" onChange=${take}/></label>
            <${Trouble} text=${ask.trouble}/>`;
}

export function ScriptChoice({ scripts, chosen, choose }) {
    return html`<label>${t("script")} <select value=${chosen}
        onChange=${event => choose(event.target.value)}>${scripts.map(name => html`
            <option key=${name} value=${name}>${name.replace("own/", `${t("own")}: `)}</option>`)}
        </select></label><${ScriptLook} name=${chosen}/><${OwnScript} choose=${choose}/>`;
}
