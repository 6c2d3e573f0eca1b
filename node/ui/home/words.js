// The home page's words.
import { words } from "/text.js";
import catalogue from "/text/home.js";
import found from "/text/found.js";
import refused from "/text/refused.js";

export const t = words(catalogue);
const tFound = words(found), tRefused = words(refused);

// Why something was refused; in this computer's own words where they are not known here.
export const whyText = why => (why ? tRefused(why) : t("noAnswer"));

// What a check found, and what to do.
export const findingText = ({ code, what }) => tFound(`found_${code}`, { what });
export const adviceText = ({ code, advice }) => advice && tFound(`advice_${code}`);
