// What people do at a table's page: laying cards with the mouse, a finger or the keys.
import { openPage } from "./browser.js";

export async function openTable(browser, node, options) {
    const page = await openPage(browser, await node.link(), { locale: "en-GB", ...options });
    await page.getByRole("button", { name: "Later" }).click(); // the sound check
    return page;
}

export const card = (page, id) => page.locator(`[data-card="${id}"]:not(.ghost)`);
export const inHand = (page, id) => page.locator(`.hand [data-card="${id}"]`);
export const lies = (page, id, place) =>
    page.locator(`[data-place="${place}"] [data-card="${id}"]`).first().waitFor();

async function middle(locator) {
    const box = await locator.boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
}

export async function drag(page, id, place) {
    await page.mouse.move(...await middle(inHand(page, id)));
    await page.mouse.down();
    await page.mouse.move(...await middle(page.locator(`[data-place="${place}"]`)), { steps: 5 });
    await page.locator(`[data-place="${place}"].over`).waitFor();
    await page.mouse.up();
    await lies(page, id, place);
}

export async function touch(page, id, place) {
    const wire = await page.context().newCDPSession(page);
    const finger = (type, at) => wire.send("Input.dispatchTouchEvent",
        { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
    await finger("touchStart", await middle(inHand(page, id)));
    const [x, y] = await middle(page.locator(`[data-place="${place}"]`));
    await finger("touchMove", [x - 40, y]);
    await page.locator(".ghost").waitFor();
    await finger("touchMove", [x, y]);
    await page.locator(`[data-place="${place}"].over`).waitFor();
    await finger("touchEnd");
    await lies(page, id, place);
}

// From the hand the first step is to the leftmost place of the line, each other one to the right.
export async function keys(page, id, place, steps, why) {
    await inHand(page, id).focus();
    await page.keyboard.press("Enter");
    for (let i = 0; i < steps; i++)
        await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await lies(page, id, place);
    await page.waitForFunction(focused => document.activeElement?.dataset.card === focused, id);
    if (!why)
        return;
    await page.keyboard.press("w");
    await page.waitForFunction(() => document.activeElement?.id === "why");
    await page.keyboard.type(why);
    await page.keyboard.press("Escape");
    await page.locator(".laid .why", { hasText: why }).waitFor();
}

// All that was done there is on the hub's disk.
export const allSafe = page =>
    page.locator("[data-standing=safe], [data-standing=safeAt]").waitFor();
