import assert from "node:assert/strict";
import { PromptRequests } from "../../src/protocols/prompt_requests.ts";

Deno.test("what leaves after a pause asks, what follows it doesn't", () => {
  const requests = new PromptRequests(25);
  assert.ok(requests.ask(1000, 1, 0, false, false), "nothing has ever left");
  assert.ok(!requests.ask(1024, 2, 1, false, false));
  assert.ok(!requests.ask(1048, 3, 2, false, false), "24 ms after the one before");
  assert.ok(requests.ask(1073, 4, 3, false, false));
});

Deno.test("while a window fills, each half of it asks once", () => {
  const requests = new PromptRequests(25);
  requests.ask(0, 1, 0, false, false);
  const asked = [];
  for (let last = 2; last <= 64; last++) {
    if (requests.ask(1, last, 0, last > 16, false)) asked.push(last);
  }
  assert.deepEqual(asked, [17, 34], "each at half of what is under way");
});

Deno.test("a measurement asks", () => {
  const requests = new PromptRequests(25);
  requests.ask(0, 1, 0, false, false);
  assert.ok(requests.ask(1, 2, 0, false, true));
});

Deno.test("a request is open until it is acknowledged, however much follows without one", () => {
  const requests = new PromptRequests(25);
  requests.ask(0, 3, 0, false, false);
  requests.ask(1, 9, 0, false, false);
  assert.ok(requests.isOpen(2));
  assert.ok(!requests.isOpen(3));
});
