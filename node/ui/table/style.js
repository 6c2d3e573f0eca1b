// A page's own look, in place before the page is drawn.
export function style(href) {
    return new Promise(resolve => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = href;
        link.onload = link.onerror = resolve;
        document.head.append(link);
    });
}
