// Debian's Chromium, driven by Playwright.
import { chromium } from "playwright-core";

export function launch(options = {}) {
    return chromium.launch({
        executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        ...options,
    });
}

// A page of its own, in a context of its own. Errors in it are the test's.
export async function openPage(browser, url, { width = 1280, height = 800, locale = "nl-NL",
    ...rest } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, locale, ...rest });
    const page = await context.newPage();
    page.errors = [];
    page.on("pageerror", error => page.errors.push(String(error)));
    page.on("console", message => {
        if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text()))
            page.errors.push(message.text());
    });
    await page.goto(url);
    return page;
}
