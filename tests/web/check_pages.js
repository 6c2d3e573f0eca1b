// check_pages.js: the house rules for the pages and their tests; prints what breaks one, or
// nothing. Needs no browser; scripts/check runs it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COLUMNS_MAX = 100;
// The field's words, which people in the room need not learn.
const JARGON = /\b(armed|terms?|feeds?|bounds?)\b/i;

// What no page may have, and why.
const FORBIDDEN = [
    [/\b(inner|outer)HTML\b|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write/,
        "text that people typed must not become markup"],
    [/\beval\s*\(|new Function\s*\(|set(Timeout|Interval)\(\s*["'`]/, "no text becomes code"],
    [/\s(on[a-z]+)=["']/, "no handlers in markup: the page's policy stops them"],
    [/(https?:)?\/\/(?!127\.0\.0\.1|localhost|www\.w3\.org\/(1999|2000)\/)[a-z0-9-]+\.[a-z]/i,
        "nothing comes from elsewhere"],
];

let failed = false;
function fail(file, line, why) {
    console.log(`${file}${line ? `:${line}` : ""}: ${why}`);
    failed = true;
}

function files(...patterns) {
    return execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--",
        ...patterns], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
}

function eachLine(file, see) {
    readFileSync(root + file, "utf8").split("\n").forEach((line, i) => see(line, i + 1));
}

function checkSyntax(file) {
    try {
        execFileSync(process.execPath, ["--check", root + file], { stdio: "pipe" });
    } catch (error) {
        fail(file, 0, String(error.stderr).trim());
    }
}

const placeholders = text => (String(text).match(/\{\w+\}/g) ?? []).sort().join(" ");

// Every text in both languages, with the same things to fill in, in people's words.
async function checkCatalogue(file) {
    const { default: { en, nl } } = await import(root + file);
    for (const name of new Set([...Object.keys(en), ...Object.keys(nl)])) {
        if (en[name] === undefined || nl[name] === undefined)
            fail(file, 0, `'${name}' is in one language only`);
        else if (placeholders(en[name]) !== placeholders(nl[name]))
            fail(file, 0, `'${name}' has other {placeholders} in the other language`);
        for (const text of [en[name], nl[name]])
            if (text && JARGON.test(text))
                fail(file, 0, `'${name}': people say it otherwise: ${text.match(JARGON)[0]}`);
    }
}

const VIEW = "node/view/";

// C's texts, as the table of refusals has them: in one piece, * for what differs.
const said = files("common/*.c", "node/core/*.c", "node/view/*.c")
    .filter(file => file !== `${VIEW}refusals.c`)
    .map(file => readFileSync(root + file, "utf8").replace(/"\s*\n\s*"/g, "")
        .replace(/%(\.\*)?[a-z0-9]+/g, "*")).join("\n");

// Each refusal is said somewhere, and has words in API.md and on the pages.
async function checkRefusals(file) {
    const { default: { en } } = await import(`${root}node/ui/text/why.js`);
    const api = readFileSync(`${root}${VIEW}API.md`, "utf8"), codes = new Set();
    eachLine(file, (line, number) => {
        const [, code, why] = /^ +\{"(\w+)", "(.*)"\},$/.exec(line) ?? [];
        if (!code)
            return;
        codes.add(code);
        const pieces = why.replace(/^step \* /, "").split("*").filter(Boolean);
        if (!pieces.every(piece => said.includes(piece)))
            fail(file, number, `nothing says '${why}'`);
        if (!en[code] || !api.includes(`\`${code}\``))
            fail(file, number, `'${code}' is not in node/ui/text/why.js, or not in ${VIEW}API.md`);
    });
    for (const code of Object.keys(en))
        if (!codes.has(code))
            fail("node/ui/text/why.js", 0, `no refusal is '${code}'`);
}

const scripts = files("node/ui/*.js", "tests/*.js");
for (const file of scripts) {
    checkSyntax(file);
    eachLine(file, (line, number) => {
        if ([...line].length > COLUMNS_MAX)
            fail(file, number, `a line of over ${COLUMNS_MAX} columns`);
    });
}
for (const file of files("node/ui/*.js", "node/ui/*.html", "node/ui/*.css", "node/ui/*.svg"))
    eachLine(file, (line, number) => {
        for (const [pattern, why] of FORBIDDEN)
            if (pattern.test(line))
                fail(file, number, `${why}: ${line.trim()}`);
    });
for (const file of files("node/ui/text/*.js"))
    await checkCatalogue(file);
await checkRefusals(`${VIEW}refusals.c`);
process.exitCode = failed ? 1 : 0;
