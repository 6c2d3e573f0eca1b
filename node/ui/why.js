// Why the node did not do something, in the page's language.
import { words } from "/text.js";
import catalogue from "/text/why.js";

const t = words(catalogue);

// answer: {why, code}, a refusal. What has no code is said as the node says it.
export const whyText = ({ why, code }) => code && catalogue.en[code] ? t(code) : why;
