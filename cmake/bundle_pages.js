// bundle_pages.js UI OUT: makes of the pages' modules in UI two scripts, and of each page's sheets
// one sheet, in OUT: a page waits for each request, and the more of them the longer.
//
// A page's module runs when app.js imports it, though it stands in the same file: the projector,
// say, must not listen for what turns the whistle's sound on.
import { build } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [ui, out] = process.argv.slice(2);
const packages = fileURLToPath(new URL("../node_modules", import.meta.url));

// What the modules call /lib/NAME.js.
const libraries = {
    "/lib/preact.js": join(packages, "htm/preact/standalone.module.js"),
    "/lib/qrcode.js": join(packages, "qrcode-generator/dist/qrcode.mjs"),
};

// What stands in a file of its own, and app.js takes from there: there must be one of each store.
const apart = {
    "/dom.js": "/link.js",
    "/store.js": "/link.js",
    "/link.js": "/link.js",
    "/sodium.js": "/sodium.js",
};

function pathsOf(files) {
    const find = ({ path, kind }) => kind === "entry-point" ? null
        : files[path] ? { path: files[path], external: true }
            : { path: libraries[path] ?? join(ui, path) };
    return { name: "paths of pages", setup: made => made.onResolve({ filter: /^\// }, find) };
}

const bundle = (entryPoints, files) => build({
    entryPoints,
    outdir: out,
    plugins: [pathsOf(files)],
    bundle: true,
    format: "esm",
    minify: true,
    target: ["chrome97", "firefox96", "safari15.4"], // browsers of 2022
    logLevel: "warning",
});

await Promise.all([
    bundle({ link: join(ui, "link.js") }, { "/sodium.js": "/sodium.js" }),
    bundle({
        app: join(ui, "app.js"),
        sodium: join(packages, "libsodium-wrappers/dist/modules-esm/libsodium-wrappers.mjs"),
        ...Object.fromEntries(["base", "home", "table", "facilitator", "projector"].map(name =>
            [name, join(ui, `${name}.css`)])),
    }, apart),
]);
