// A page's own look. Await it at the top of the page's module: nothing is drawn without it.
export function style(href) {
    return new Promise(resolve => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = href;
        link.addEventListener("load", resolve);
        link.addEventListener("error", resolve);
        document.head.append(link);
    });
}
