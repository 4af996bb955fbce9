import nodeAssert from "node:assert/strict";

import { assert, BrokenInvariant } from "../../src/protocols/assert.ts";

Deno.test("an invariant that holds says nothing", () => {
  assert(true, "the truth is true");
});

Deno.test("an invariant that is broken crashes with its statement", () => {
  nodeAssert.throws(
    () => assert(Math.max() > 0, "the largest of nothing is positive"),
    (error) =>
      error instanceof BrokenInvariant && error instanceof Error &&
      error.name === "BrokenInvariant" && error.message === "the largest of nothing is positive",
  );
});
