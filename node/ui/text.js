// Dutch and English. Each page brings its words ({en: {...}, nl: {...}}) by `words`; the choice is
// the device's own.
import { Store, useStore } from "/store.js";

const KEPT = "fluit-language";
const chosen = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("nl") ? "nl" : "en");
export const language = new Store(chosen);

document.documentElement.lang = chosen;

export function choose(code) {
    localStorage.setItem(KEPT, code);
    document.documentElement.lang = code;
    language.value = code;
}

function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

// const t = words(catalogue); t("saved", {n: 3}) fills {n} in.
export function words(catalogue) {
    return (name, values = {}) => {
        const text = catalogue[language.value]?.[name] ?? catalogue.en[name];
        return text === undefined ? name : fill(text, values);
    };
}

// Draws anew when the language changes.
export const useLanguage = () => useStore(language);

// A text of the script, {nl: ..., en: ...}, in the chosen language or one that it has.
export function say(texts) {
    if (!texts)
        return "";
    return texts[language.value] || texts.en || Object.values(texts).find(text => text) || "";
}
