// The facilitator's page, the remote and the projector's, over a room of real nodes.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { launch, openPage } from "./browser.js";
import { Client } from "./client.js";
import { axe } from "./axe.js";
import { Room } from "./room.js";
import { settled } from "./fill.js";

const SECRET = "SECRET-of-table-one";
const SHOWN = "words-for-the-room";
const HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1</script>{{7*7}}";
const RENDER_MS_MAX = 30;

let room, browser, desk, screen, stream;

const english = { locale: "en-GB", bypassCSP: true };
const button = (page, name) => page.getByRole("button", { name, exact: true });
const title = page => page.locator("#now-title");

// The whole of a projector's stream of events, as text.
function listen(client) {
    const got = { text: "" };
    fetch(`http://${client.host}/api/events`, { headers: client.headers }).then(async answer => {
        for await (const chunk of answer.body.pipeThrough(new TextDecoderStream()))
            got.text += chunk;
    }).catch(() => {}); // the room has closed
    return got;
}

before(async () => {
    const opens = Room.open({ tables: 3, rapporteurs: 1, args: ["--phones"] });
    [room, browser] = await Promise.all([opens, launch()]);
    stream = listen(await Client.open(await room.hub.link("page projector")));
    desk = await openPage(browser, await room.hub.link(), english);
    await title(desk).waitFor();
    screen = await openPage(browser, await room.hub.link("page projector"),
        { ...english, width: 1920, height: 1080 });
    await screen.locator(".projector").waitFor();
    room.tables[0].type("place health hinders 2");
    room.tables[0].type("place yield-career yields");
    room.tables[0].type(`why health ${SECRET}`);
    room.tables[0].type("answer recognise/1 fully");
    room.tables[0].type(`answer expectation ${SECRET}`);
    room.tables[0].type(`quote @stimulated ${SECRET}`);
    room.tables[1].type(`quote @advice ${SHOWN}`);
    room.tables[1].type("place health stimulates 1");
    room.tables[2].type(`quote @advice ${HOSTILE}`);
    await Promise.all(room.tables.map(settled));
});

after(async () => {
    await browser?.close();
    await room?.close();
});

test("a step is led from the page", async () => {
    assert.equal(await title(desk).textContent(), "welcome");
    await button(desk, "Start").click();
    await desk.locator(".now .timer.left").waitFor();
    await button(desk, "Pause").click();
    await desk.locator(".now .timer.paused").waitFor();
    await button(desk, "Go on").click();
    await desk.locator(".now .timer.left").waitFor();
    await button(desk, "+5 min").click();
    await desk.locator(".now .time", { hasText: /^1[45]:/ }).waitFor();
    await button(desk, "End early").click();
    await desk.locator(".now .timer.ended").waitFor();
    await button(desk, "Next step").click();
    await title(desk).getByText("talk").waitFor();
    assert.match(await desk.locator(".agenda li.done").textContent(), /\d:\d\d to \d+:\d\d/);
    await screen.locator(".step .title", { hasText: "talk" }).waitFor();
});

test("a refusal says why and what to do, in plain words", async () => {
    await button(desk, "+5 min").click();
    await desk.locator(".outcome.bad", { hasText: "Press Start first" }).waitFor();
    await button(desk, "Step back").click();
    await title(desk).getByText("welcome").waitFor();
    await button(desk, "Step back").click();
    await desk.locator(".outcome.bad", { hasText: "This is the first step" }).waitFor();
});

test("ending a round early is asked first, and whistles", async () => {
    for (let i = 0; i < 6; i++)
        await button(desk, "Next step").click();
    await title(desk).getByText("round 1").waitFor();
    const started = room.tables[0].line(/^whistle start/, { fromNow: true });
    await button(desk, "Start with the whistle").click();
    await started;
    await Promise.all([desk, screen].map(page => page.locator(".whistle-flash.start").waitFor()));
    await desk.locator(".now .timer.left").waitFor();
    await button(desk, "End early").click();
    await desk.getByRole("dialog").getByText("End this round now?").waitFor();
    await desk.keyboard.press("Escape");
    assert.equal(await desk.getByRole("dialog").count(), 0);
    await button(desk, "End early").click();
    const ended = room.tables[0].line(/^whistle end/, { fromNow: true });
    await button(desk, "End it, with the whistle").click();
    await ended;
    await desk.locator(".now .timer.ended").waitFor();
});

test("the room sees all boards together, by number and not by colour alone", async () => {
    const row = screen.getByRole("row", { name: /health/ });
    await row.waitFor();
    await screen.waitForFunction(() => [...document.querySelectorAll("tr")].some(r =>
        /health/.test(r.textContent) && r.querySelectorAll(".cell:not(.none)").length === 2));
    assert.match(await screen.locator(".category").first().textContent(), /A\s+personal/);
    await screen.keyboard.press("4");
    await screen.locator(".agreed").waitFor();
    await screen.keyboard.press("5");
    await screen.getByText("1 answer", { exact: true }).waitFor();
    await screen.keyboard.press("0");
});

test("quotes are hidden until held, by mouse and by keyboard", async () => {
    await desk.getByRole("tab", { name: /Words/ }).click();
    const card = desk.locator(".words-card", { hasText: "Table 1" });
    await card.waitFor();
    assert.ok(!(await desk.content()).includes(SECRET));
    const hold = card.locator(".hold");
    await hold.hover();
    await desk.mouse.down();
    await hold.getByText(SECRET).waitFor();
    await desk.mouse.up();
    await hold.getByText("Hold to read").waitFor();
    await hold.focus();
    await desk.keyboard.down("Enter");
    await hold.getByText(SECRET).waitFor();
    await desk.keyboard.up("Enter");
    await hold.getByText("Hold to read").waitFor();
    await desk.waitForFunction(secret =>
        !document.querySelector(".facilitator").textContent.includes(secret), SECRET);
});

test("released words come on the screen on their heap, and go again; others never", async () => {
    const card = table => desk.locator(".words-card", { hasText: `Table ${table}` });
    await desk.getByLabel("Name of a new heap").fill("time & <b>trust</b>");
    await button(desk, "Make").click();
    await card(2).getByLabel("Put on").selectOption("time & <b>trust</b>");
    const heading = desk.getByRole("heading", { name: "trust" });
    const heapHere = desk.locator(".heap").filter({ has: heading });
    await heapHere.locator(".words-card").waitFor();
    await card(2).getByRole("button", { name: "Show to the room" }).click();
    await screen.keyboard.press("6");
    const heap = screen.locator(".heap", { hasText: "time & <b>trust</b>" });
    await heap.getByText(SHOWN).waitFor();

    await card(3).locator(".about").dragTo(heapHere.locator("h3"));
    await card(3).getByRole("button", { name: "Show to the room" }).click();
    await heap.getByText(HOSTILE).waitFor();
    assert.equal(await screen.locator("img").count(), 0);
    assert.equal(await screen.evaluate(() => window.hit), undefined);

    await card(3).getByRole("button", { name: "Take back" }).click();
    await heap.getByText(HOSTILE).waitFor({ state: "detached" });
    for (const key of ["1", "2", "3", "4", "5", "6"]) {
        await screen.keyboard.press(key);
        await screen.locator(`.screen`).first().waitFor();
        assert.ok(!(await screen.content()).includes(SECRET));
    }
    assert.ok(stream.text.includes(SHOWN));
    assert.ok(!stream.text.includes(SECRET));
    await screen.keyboard.press("0");
});

test("a key blanks the screen, and a choice at the desk reaches a window it opened", async () => {
    await screen.keyboard.press("b");
    await screen.locator(".projector.blank").waitFor();
    assert.equal(await screen.locator(".screen").count(), 0);
    await screen.keyboard.press("b");
    await screen.locator(".screen").waitFor();
    const [opened] = await Promise.all([desk.context().waitForEvent("page"),
        button(desk, "Open the big screen").click()]);
    await opened.locator(".projector").waitFor();
    await desk.getByLabel("The room sees").selectOption("polls");
    await opened.locator(".polls").waitFor();
    await button(desk, "Blank the screen").click();
    await opened.locator(".projector.blank").waitFor();
    await button(desk, "Show the screen").click();
    await desk.getByLabel("The room sees").selectOption("auto");
    assert.ok(!(await opened.content()).includes(SECRET));
    await opened.close();
});

test("a message reaches one table, as text", async () => {
    await desk.getByRole("tab", { name: /Tables/ }).click();
    await desk.getByLabel("To", { exact: true }).selectOption("2");
    await desk.getByLabel("Message").fill(HOSTILE);
    const told = room.tables[1].line(/onerror/, { fromNow: true });
    await button(desk, "Send").click();
    await told;
    await desk.locator(".outcome", { hasText: "Sent to Table 2" }).waitFor();
});

test("a code is shown with its QR when asked for, and made anew", async () => {
    await desk.getByRole("tab", { name: /Codes/ }).click();
    const code = desk.locator(".code-text");
    await button(desk, "Table 1 in use").click();
    const first = await code.textContent();
    assert.match(first, /^(\w{4}-){3}\w{4}$/);
    assert.equal(await desk.locator("dialog .qr").count(), 1);
    assert.ok(!stream.text.includes(first));
    await button(desk, "Close").click();
    await button(desk, "Add a table").click();
    await desk.getByRole("dialog", { name: "Table 4" }).waitFor();
    await desk.keyboard.press("Escape");
    await desk.getByRole("tab", { name: /Tables/ }).click();
    await desk.locator(".tile.bad", { hasText: "show its code" }).waitFor();
});

test("the lead is handed over and not seized", async () => {
    const second = await openPage(browser, await room.hub.link(), english);
    await second.getByText("Another page has the lead").waitFor();
    assert.ok(await button(second, "Next step").isDisabled());
    await button(second, "Ask for the lead").click();
    await button(desk, "Keep it").click();
    await button(second, "Ask for the lead").click();
    await button(desk, "Hand over the lead").click();
    await second.locator(".main-order:enabled").waitFor();
    assert.ok(await button(desk, "Next step").isDisabled());
    await button(desk, "Ask for the lead").click();
    await button(second, "Hand over the lead").click();
    await desk.locator(".main-order:enabled").waitFor();
    assert.deepEqual(second.errors, []);
    await desk.reload();
    await desk.locator(".main-order:enabled").waitFor();
    await second.context().close();
});

test("a page comes in few files, and each of its parts once", async () => {
    const page = await openPage(browser, await room.tables[0].link(), english);
    await page.locator("main").waitFor();
    const { files, seen } = await page.evaluate(async () => {
        const { view } = await import("/link.js");
        return {
            files: performance.getEntriesByType("resource")
                .map(({ name }) => new URL(name).pathname).filter(path => path.endsWith(".js")),
            seen: view.value?.node.class, // another copy's line would be at its beginning
        };
    });
    assert.deepEqual(files.sort(), ["/app.js", "/link.js"]);
    assert.equal(seen, "table");
    assert.deepEqual(page.errors, []);
    await page.context().close();
});

test("a screen of the room is drawn fast enough", async () => {
    for (const key of ["2", "3", "6"]) {
        await screen.keyboard.press(key);
        await screen.locator(".screen").waitFor();
        const took = await screen.evaluate(async () => {
            const { view } = await import("/link.js");
            const times = [];
            for (let i = 0; i < 20; i++) {
                const next = structuredClone(view.value), rounds = next.projector.rounds;
                for (const merge of [...rounds, next.projector.together])
                    for (const card of merge.cards)
                        for (const side of Object.values(card.final))
                            side[0] = 1 + i % 12;
                const from = performance.now();
                view.value = next;
                await new Promise(resolve => setTimeout(resolve));
                document.body.getBoundingClientRect();
                times.push(performance.now() - from);
                await new Promise(requestAnimationFrame);
            }
            return times.sort((a, b) => a - b)[10];
        });
        assert.ok(took <= RENDER_MS_MAX, `screen ${key} took ${took} ms`);
    }
    await screen.keyboard.press("0");
});

for (const [locale, languageName] of [["en-GB", "English"], ["nl-NL", "Dutch"]])
    test(`axe finds nothing, in ${languageName}`, async () => {
        const choose = async page => {
            if (await page.evaluate(() => document.documentElement.lang) !== locale.slice(0, 2))
                await page.locator(".language").click({ force: true });
        };
        await screen.mouse.move(100, 100);
        await screen.mouse.move(200, 100);
        await Promise.all([choose(desk), choose(screen)]);
        for (const page of [desk, screen]) // a flash comes and goes
            await page.locator(".whistle-flash").waitFor({ state: "detached" });
        for (const tab of [0, 1, 2, 3]) {
            await desk.getByRole("tab").nth(tab).click();
            assert.deepEqual(await axe(desk), [], `tab ${tab}`);
        }
        await desk.getByRole("tab").first().click();
        await desk.locator(".tile").first().click();
        assert.deepEqual(await axe(desk), [], "a table");
        await desk.locator("dialog .device button").first().click();
        await desk.locator(".code-text").waitFor();
        assert.deepEqual(await axe(desk), [], "a code");
        await desk.keyboard.press("Escape");
        await desk.keyboard.press("Escape");
        for (const key of ["1", "2", "3", "4", "5", "6", "b"]) {
            await screen.keyboard.press(key);
            assert.deepEqual(await axe(screen), [], `screen ${key}`);
        }
        await screen.keyboard.press("0");
    });

test("a phone that scanned the hub's code is a remote, and axe finds nothing", async () => {
    await desk.getByRole("tab").nth(2).click();
    await desk.getByRole("button", { name: "Telefoon als afstandsbediening" }).click();
    await desk.locator("dialog .qr").waitFor();
    await desk.keyboard.press("Escape");
    const scanned = room.hub.line(/^phones: (http\S+)/, { fromNow: true });
    room.hub.type("page phones");
    const phone = await openPage(browser, (await scanned)[1],
        { ...english, width: 390, height: 844, hasTouch: true, isMobile: true });
    await phone.locator(".remote").waitFor();
    assert.deepEqual(await axe(phone), []);
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await phone.getByLabel("Message").fill("five minutes left");
    const told = room.tables[0].line(/five minutes left/, { fromNow: true });
    await button(phone, "Send").tap();
    await told;
    const before = await phone.locator("h1").textContent();
    await phone.getByRole("button", { name: /^Next step/ }).tap();
    await phone.waitForFunction(title =>
        document.querySelector("h1").textContent !== title, before);
    await button(phone, "Start").tap();
    await phone.locator(".timer:is(.left, .taken)").waitFor();
    await desk.locator(".main-order:enabled").waitFor(); // which still has the lead
    await button(phone, "Ask for the lead").tap();
    await desk.getByRole("button", { name: "Leiding overdragen" }).click();
    await phone.locator(".facilitator").waitFor();
    await button(desk, "Om de leiding vragen").click();
    await button(phone, "Hand over the lead").tap();
    await phone.locator(".remote").waitFor();
    assert.deepEqual(phone.errors, []);
    await phone.context().close();
});

test("a table that is gone turns its tile, which says what to do", async () => {
    if (await desk.evaluate(() => document.documentElement.lang) === "nl")
        await desk.locator(".language").click();
    await desk.getByRole("tab", { name: /Tables/ }).click();
    await room.tables[2].kill();
    const tile = desk.locator(".tile.bad", { hasText: "go and see" });
    await tile.waitFor({ timeout: 30000 });
    await tile.click();
    await desk.getByRole("dialog").getByText("Go and see: is it on").waitFor();
    await desk.keyboard.press("Escape");
    assert.deepEqual(desk.errors, []);
    assert.deepEqual(screen.errors, []);
});
