import assert from "node:assert/strict";
import { ProgressLine } from "../../src/cli/progress_line.ts";

Deno.test("a line of progress tells how much of the whole is done", () => {
  const line = new ProgressLine("lamport", 6, 300, () => 0);
  assert.equal(
    line.describe({ multicast: 120, delivered: 600, awaited: new Map([[2, 5]]) }),
    "lamport: 120 of 300 multicast, 600 of 1800 delivered",
  );
});

Deno.test("who is awaited is named when nothing has moved for a second, the most awaited first", () => {
  let now = 0;
  const line = new ProgressLine("none", 3, 3, () => now);
  const awaited = new Map([[0, 1], [2, 2], [1, 1]]);
  line.describe({ multicast: 3, delivered: 4, awaited });
  now = 999;
  assert.ok(!line.describe({ multicast: 3, delivered: 4, awaited }).includes("waiting"));
  now = 1000;
  assert.equal(
    line.describe({ multicast: 3, delivered: 4, awaited }),
    "none: 3 of 3 multicast, 4 of 9 delivered, waiting for process 2, 0, 1",
  );
  assert.ok(!line.describe({ multicast: 3, delivered: 5, awaited }).includes("waiting"));
});
