import assert from "node:assert/strict";
import { guardDeadline } from "../../src/hosts/guard_deadline.ts";

Deno.test("a command is asked 300 ms and killed 100 ms before the end of a lease", () => {
  assert.deepEqual(guardDeadline(10_000, 1500), {
    until: 10_000,
    termAt: 9700,
    killAt: 9900,
    backupAt: 9950,
  });
});

Deno.test("of a short lease a share is left, always in the same order", () => {
  for (const leaseMs of [1, 10, 100, 500, 999]) {
    const { until, termAt, killAt, backupAt } = guardDeadline(1000, leaseMs);
    assert.ok(1000 - leaseMs < termAt && termAt < killAt && killAt < backupAt && backupAt < until);
    assert.ok(Math.abs(termAt - (1000 - 0.3 * leaseMs)) < 1e-6);
  }
});
