// What a node refuses is said in the page's language, also when that changes meanwhile.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { launch, openPage } from "./browser.js";
import { Client } from "./client.js";
import { Room } from "./room.js";

let room, browser;

before(async () => {
    [room, browser] = await Promise.all([Room.open({ tables: 1 }), launch()]);
});
after(async () => {
    await browser?.close();
    await room?.close();
});

test("each comes with its code, and one that only a faulty page meets without", async () => {
    const table = await Client.open(await room.tables[0].link());
    const refused = async (client, what) => {
        const answer = await client.do(what);
        assert.equal(answer.ok, false, JSON.stringify(what));
        return answer.code;
    };
    assert.equal(await refused(table, { do: "undo" }), "nothing_to_undo");
    assert.equal(await refused(table, { do: "next_board" }), "round_runs");
    assert.equal(await refused(table, { do: "lift", card: "health" }), "there_already");
    assert.equal(await refused(table, { do: "place", card: "health", zone: "yields" }), "no_place");
    assert.equal(await refused(table, { do: "note", text: "x".repeat(8001) }), "too_long");
    assert.equal(await refused(table, { do: "undo", more: 1 }), undefined);
    const hub = await Client.open(await room.hub.link());
    assert.equal(await refused(hub, { do: "line", line: "back" }), "step_first");
    assert.equal(await refused(hub, { do: "line", line: "extend 2m" }), "step_not_started");
    assert.equal(await refused(hub, { do: "line", line: "merge 1 9" }), "no_merge");
    assert.equal(await refused(hub, { do: "line", line: "bakc" }), undefined);
    assert.ok((await hub.do({ do: "control", want: "drop" })).ok);
});

test("a table's page says it in Dutch, and in English", async () => {
    const page = await openPage(browser, await room.tables[0].link());
    await page.getByRole("button", { name: "Later" }).click(); // the sound check
    await page.evaluate(async () => (await (await import("/app.js")).cards()).act({ do: "undo" }));
    await page.locator(".notice.bad", { hasText: "Er valt niets meer ongedaan te maken." })
        .waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.locator(".notice.bad", { hasText: "There is nothing to undo any more." })
        .waitFor();
    assert.deepEqual(page.errors, []);
});

test("the facilitator's page says it in Dutch", async () => {
    const page = await openPage(browser, await room.hub.link());
    await page.locator(".main-order:enabled").waitFor();
    await page.getByRole("button", { name: "Stap terug", exact: true }).click();
    await page.locator(".outcome.bad", { hasText: "Dit is het eerste onderdeel." }).waitFor();
    assert.deepEqual(page.errors, []);
});
