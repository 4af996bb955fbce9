/**
 * The td rule, at its limits: td - 1 ms, td, td + 1 ms, for the absence and for a message's age.
 */

import assert from "node:assert/strict";
import { CoordinatorHost } from "./coordinator_host.ts";

const TD_MS = 2000;

/** B disconnects at 0; A sends a message at each of these times; B comes back. Returns what B gets. */
function comeBack(tdMs: number, sendAtMs: readonly number[], backAtMs: number): string[] {
  const host = new CoordinatorHost({ tdMs });
  host.join("A");
  host.join("B", "register", 2);
  host.grant({ type: "disconnect", id: "B" });
  let nowMs = 0;
  for (const at of sendAtMs) {
    host.wait(at - nowMs);
    nowMs = at;
    host.send("A", `at ${at}`);
  }
  host.wait(backAtMs - nowMs);
  return host.texts(host.join("B", "reconnect", 3));
}

for (const [name, awayMs] of [["td - 1 ms", TD_MS - 1], ["exactly td", TD_MS]] as const) {
  Deno.test(`who was away for ${name} gets everything`, () => {
    assert.deepEqual(comeBack(TD_MS, [0, 1, 1999], awayMs), ["at 0", "at 1", "at 1999"]);
  });
}

Deno.test("who was away for td + 1 ms gets what is at most td old", () => {
  assert.deepEqual(comeBack(TD_MS, [0, 1, 2, 1999], TD_MS + 1), ["at 1", "at 2", "at 1999"]);
});

Deno.test("who was away for long: td - 1 ms and td old is delivered, td + 1 ms old is not", () => {
  const backAt = 10_000;
  const ages = [TD_MS + 1, TD_MS, TD_MS - 1];
  assert.deepEqual(comeBack(TD_MS, ages.map((age) => backAt - age), backAt), [
    "at 8000",
    "at 8001",
  ]);
});

Deno.test("the second doesn't matter: td + 0.9 s is too old, in the same second as td", () => {
  assert.deepEqual(comeBack(TD_MS, [7100, 8000], 10_000), ["at 8000"]);
});

Deno.test("td = 0: who is back in the same millisecond gets everything", () => {
  assert.deepEqual(comeBack(0, [0], 0), ["at 0"]);
});

Deno.test("td = 0: who was away for a millisecond gets only what is of this millisecond", () => {
  assert.deepEqual(comeBack(0, [0, 1], 1), ["at 1"]);
  assert.deepEqual(comeBack(0, [0], 1), []);
});

Deno.test("two messages in one millisecond both come, in order", () => {
  assert.deepEqual(comeBack(TD_MS, [5, 5, 5], 3000), []);
  assert.deepEqual(comeBack(TD_MS, [2500, 2500, 2500], 3000), ["at 2500", "at 2500", "at 2500"]);
});

Deno.test("a fraction of a millisecond makes no difference, in td or on the clock", () => {
  const host = new CoordinatorHost({ tdMs: 2000.7 }, 1_000_000.9);
  host.join("A");
  host.join("B", "register", 2);
  host.grant({ type: "disconnect", id: "B" });
  host.wait(0.05);
  host.send("A", "old");
  host.wait(2000);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), ["old"]);
  host.grant({ type: "disconnect", id: "B" });
  host.send("A", "old");
  host.wait(2001);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), []);
});

Deno.test("what was not acknowledged before the absence belongs to it", () => {
  const host = new CoordinatorHost({ tdMs: TD_MS });
  const link = host.join("A");
  host.send("A", "acknowledged");
  host.acknowledge(link, 1);
  host.send("A", "on its way");
  host.grant({ type: "disconnect", id: "A" });
  host.wait(TD_MS);
  assert.deepEqual(host.texts(host.join("A", "reconnect")), ["on its way"]);
});

Deno.test("the rule counts from the arrival of the request, not from the connection", () => {
  const host = new CoordinatorHost({ tdMs: TD_MS });
  host.join("A");
  host.join("B", "register", 2);
  host.grant({ type: "disconnect", id: "B" });
  host.send("A", "old");
  host.wait(TD_MS);
  host.grant({ type: "reconnect", id: "B" });
  host.wait(5000);
  assert.deepEqual(host.texts(host.open("B")), ["old"]);
});

Deno.test("who died counts as offline from the last acknowledgement", () => {
  for (const [awayMs, texts] of [[TD_MS, ["old"]], [TD_MS + 1, []]] as const) {
    const host = new CoordinatorHost({ tdMs: TD_MS });
    host.join("A");
    const link = host.join("B", "register", 2);
    host.wait(300);
    host.acknowledge(link, 0);
    host.send("A", "old");
    host.wait(700);
    host.drop(link);
    host.wait(awayMs - 700);
    assert.deepEqual(host.texts(host.join("B", "reconnect", 3)), texts);
  }
});

Deno.test("the end of a connection is no sign of life, and a crash of the coordinator keeps that", () => {
  const host = new CoordinatorHost({ tdMs: TD_MS });
  host.join("A");
  const link = host.join("B", "register", 2);
  host.send("A", "old");
  host.wait(500);
  host.drop(link);
  host.restart(host.now + 100);
  host.wait(TD_MS - 600 + 1);
  assert.deepEqual(host.texts(host.join("B", "reconnect", 3)), []);
});

Deno.test("who was alive when the coordinator crashed is so until it is back", () => {
  const host = new CoordinatorHost({ tdMs: TD_MS });
  host.join("A");
  host.join("B", "register", 2);
  host.send("A", "old");
  host.restart(host.now + 3_600_000);
  host.fail("B");
  host.wait(TD_MS);
  assert.deepEqual(host.texts(host.join("B", "reconnect", 3)), ["old"]);
});

Deno.test("who is online, but slow, never loses anything", () => {
  const host = new CoordinatorHost({ tdMs: TD_MS });
  host.join("A");
  const link = host.join("B", "register", 2);
  for (let i = 1; i <= 3; i++) host.send("A", `m${i}`);
  host.acknowledge(link, 1);
  host.wait(2500); // Nothing is heard of B, and its connection is still there.
  host.acknowledge(link, 1);
  host.wait(TD_MS * 10);
  host.drop(link);
  host.wait(TD_MS * 10);
  assert.deepEqual(host.texts(host.open("B", 1)), ["m2", "m3"]);
});
