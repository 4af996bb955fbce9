import assert from "node:assert/strict";
import { LoneProcess } from "./lone_process.ts";

Deno.test("a process delivers its own messages at once, and says nothing but them", () => {
  const process = new LoneProcess("fifo", 1, 3);
  process.multicast("a", "b");
  assert.deepEqual(process.delivered, ["1:a", "1:b"]);
  assert.deepEqual(process.said, ["a", "b"]);
});

Deno.test("what has come is delivered before the turn ends, and nobody is ever waited for", () => {
  const process = new LoneProcess("fifo", 0, 3);
  process.take(2, "a");
  assert.deepEqual(process.delivered, ["2:a"]);
  assert.deepEqual(process.awaited, []);
});

Deno.test("there is room without end: nothing is held back", () => {
  const process = new LoneProcess("fifo", 0, 2, 4);
  for (let i = 0; i < 100; i++) process.take(1, "a");
  assert.equal(process.delivered.length, 100);
  assert.ok(process.ordering.writable && process.ordering.room === Infinity);
});
