import assert from "node:assert/strict";
import fc from "fast-check";
import { Lease, MAX_DRIFT } from "../../../src/protocols/token_ring/lease.ts";

const LEASE_MS = 1000;
/** What is left of it by the holder's clock. */
const SPAN_MS = LEASE_MS * (1 - 2 * MAX_DRIFT);

Deno.test("a lease begins when a majority supports it, and counts from when the question left", () => {
  const lease = new Lease(LEASE_MS, 5);
  assert.equal(lease.supported(1, 0, 100), false);
  assert.equal(lease.supported(1, 3, 100), false);
  assert.equal(lease.until(1), -Infinity);
  assert.equal(lease.supported(1, 1, 90), true, "that is three of five");
  assert.equal(lease.until(1), 90 + SPAN_MS);
});

Deno.test("a lease lasts as long as the slowest of the fastest majority", () => {
  const lease = new Lease(LEASE_MS, 5);
  for (const [node, sentAt] of [[0, 300], [1, 100], [2, 200], [3, 50]] as const) {
    lease.supported(1, node, sentAt);
  }
  assert.equal(lease.until(1), 100 + SPAN_MS);
  assert.equal(lease.supported(1, 3, 250), true);
  assert.equal(lease.until(1), 200 + SPAN_MS);
});

Deno.test("a node that answers twice counts once", () => {
  const lease = new Lease(LEASE_MS, 3);
  assert.equal(lease.supported(1, 0, 100), false);
  assert.equal(lease.supported(1, 0, 100), false);
  assert.equal(lease.supported(1, 0, 200), false);
  assert.equal(lease.until(1), -Infinity);
});

Deno.test("an answer that comes late, after a newer one, changes nothing", () => {
  const lease = new Lease(LEASE_MS, 3);
  lease.supported(1, 0, 200);
  lease.supported(1, 1, 200);
  assert.equal(lease.supported(1, 1, 100), false);
  assert.equal(lease.until(1), 200 + SPAN_MS);
});

Deno.test("an answer that makes the lease no longer says so", () => {
  const lease = new Lease(LEASE_MS, 3);
  lease.supported(1, 0, 200);
  assert.equal(lease.supported(1, 1, 200), true);
  assert.equal(lease.supported(1, 2, 200), false, "a third one is not needed");
  assert.equal(lease.supported(1, 2, 300), false, "a majority has not heard the second question");
  assert.equal(lease.supported(1, 0, 300), true);
});

Deno.test("support of one epoch is none of another", () => {
  const lease = new Lease(LEASE_MS, 3);
  lease.supported(1, 0, 100);
  lease.supported(1, 1, 100);
  assert.equal(lease.until(2), -Infinity);
  lease.supported(2, 2, 110);
  assert.equal(lease.until(1), -Infinity, "that of the older one is forgotten");
  assert.equal(lease.until(2), -Infinity);
  lease.supported(2, 0, 110);
  assert.equal(lease.until(2), 110 + SPAN_MS);
});

Deno.test("a lease that was ended is over", () => {
  const lease = new Lease(LEASE_MS, 1);
  lease.supported(1, 0, 100);
  lease.end();
  assert.equal(lease.until(1), -Infinity);
});

Deno.test("of one node and of two, all must support", () => {
  assert.equal(new Lease(LEASE_MS, 1).supported(1, 0, 0), true);
  const two = new Lease(LEASE_MS, 2);
  assert.equal(two.supported(1, 0, 0), false);
  assert.equal(two.supported(1, 1, 0), true);
});

Deno.test("whatever the clocks do within the drift, support outlives the lease of a majority", () => {
  const rate = fc.double({ min: 1 - MAX_DRIFT / 2, max: 1 + MAX_DRIFT / 2, noNaN: true });
  const supporter = fc.record({ rate, delayMs: fc.double({ min: 0, max: 500, noNaN: true }) });
  const group = fc.array(supporter, { minLength: 2, maxLength: 8 });
  fc.assert(fc.property(rate, group, (ownRate, supporters) => {
    const lease = new Lease(LEASE_MS, supporters.length);
    for (const node of supporters.keys()) lease.supported(1, node, 0);
    // All began at true time 0. Support runs by the supporter's clock, from when it was asked.
    const leaseEnds = lease.until(1) / ownRate;
    for (const { rate, delayMs } of supporters) {
      assert.ok(delayMs + LEASE_MS / rate >= leaseEnds);
    }
  }));
});
