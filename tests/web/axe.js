// axe-core over a page: all that it finds, as lines to read.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function axe(page) {
    if (!await page.evaluate(() => "axe" in window))
        await page.evaluate(source); // the page's own policy lets no script in
    const { violations } = await page.evaluate(() => window.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        rules: { "target-size": { enabled: true } }, // else it is off
    }));
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(node => `${id}: ${help}: ${node.html.slice(0, 120)}`));
}
