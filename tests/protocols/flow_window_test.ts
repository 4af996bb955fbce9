import assert from "node:assert/strict";
import fc from "fast-check";
import { FlowWindow } from "../../src/protocols/flow_window.ts";

/** Segments of a payload that makes 1000 bytes with the overhead. */
const PAYLOAD_BYTES = 984;

/** How many bytes the window lets out in segments of 1000 bytes. Nothing may be under way. */
function measure(window: FlowWindow): number {
  let segments = 0;
  while (window.hasRoom(0)) {
    window.add(PAYLOAD_BYTES);
    segments++;
  }
  return segments * 1000;
}

/** Lets a whole window out and acknowledges it, `rounds` times. */
function roundTrips(window: FlowWindow, rounds: number, roundTripMs: number): void {
  for (let i = 0; i < rounds; i++) {
    const segments = measure(window) / 1000;
    for (let s = 0; s < segments; s++) window.release(PAYLOAD_BYTES, roundTripMs);
  }
}

/** The window when nothing is under way, left as it is: the least that may not wait. */
function windowBytes(window: FlowWindow): number {
  let [low, high] = [0, 2 ** 30];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (window.hasRoom(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

Deno.test("the senders' shares together are half of the receive buffer", () => {
  for (const [size, share] of [[2, 106_496], [3, 53_248], [6, 21_299], [11, 10_650]] as const) {
    const bytes = measure(new FlowWindow(size));
    assert.ok(bytes >= share && bytes < share + 1000, `${bytes} bytes in a group of ${size}`);
  }
});

Deno.test("a process alone, and one of a thousand, have a window too", () => {
  assert.equal(measure(new FlowWindow(1)), 107_000);
  assert.equal(measure(new FlowWindow(1000)), 5000);
});

Deno.test("what waits already takes room", () => {
  const window = new FlowWindow(3);
  assert.ok(window.hasRoom(53_247));
  assert.equal(window.hasRoom(53_248), false);
  window.add(PAYLOAD_BYTES);
  assert.equal(window.hasRoom(52_248), false);
});

Deno.test("a segment larger than the window may go when nothing is under way", () => {
  const window = new FlowWindow(1000);
  assert.ok(window.hasRoom(0));
  window.add(60_000);
  assert.equal(window.hasRoom(0), false);
  window.release(60_000, 1);
  assert.ok(window.hasRoom(0));
});

Deno.test("an empty segment costs something", () => {
  const window = new FlowWindow(1000);
  let segments = 0;
  for (; window.hasRoom(0); segments++) window.add(0);
  assert.equal(segments, 256);
});

Deno.test("on a short path the window stays at the share", () => {
  const window = new FlowWindow(6);
  roundTrips(window, 50, 5);
  assert.equal(measure(window), 22_000);
});

Deno.test("on a long path it grows with the round trip, until something is lost", () => {
  const window = new FlowWindow(6);
  roundTrips(window, 20, 100);
  assert.equal(measure(window), 213_000, "ten times the share");
});

Deno.test("a loss takes the window to 0.7, once in a round trip", () => {
  const window = new FlowWindow(6);
  roundTrips(window, 20, 100);
  window.lost(1000, 100);
  window.lost(1001, 100);
  window.lost(1099.9, 100);
  assert.equal(measure(window), 150_000, "0.7 of 212,992, once");
  window.lost(1100, 100);
  for (let s = 0; s < 150; s++) window.release(PAYLOAD_BYTES, 1);
  assert.equal(measure(window), 22_000, "on a path that has become short, the share");
});

Deno.test("after a loss the window grows by a fragment per 10 ms of round trip", () => {
  const window = new FlowWindow(6);
  roundTrips(window, 20, 100);
  window.lost(1000, 100);
  const before = measure(window);
  for (let s = 0; s < before / 1000; s++) window.release(PAYLOAD_BYTES, 100);
  const grown = measure(window) - before;
  assert.ok(Math.abs(grown - 14_000) <= 1000, `${grown} bytes in 100 ms`);
});

Deno.test("the window is never below the share and never above what the path may hold", () => {
  const step = fc.record({
    act: fc.constantFrom("round", "round", "lost"),
    elapsedMs: fc.nat(300),
    roundTripMs: fc.double({ min: 0, max: 400, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30 }),
      fc.array(step, { maxLength: 40, size: "max" }),
      (size, all) => {
        const share = Math.max(4096, 106_496 / (size - 1));
        const window = new FlowWindow(size);
        let [now, longestMs] = [0, 10];
        for (const { act, elapsedMs, roundTripMs } of all) {
          now += elapsedMs;
          if (act === "lost") window.lost(now, roundTripMs);
          else roundTrips(window, 1, roundTripMs);
          if (act === "round") longestMs = Math.max(longestMs, roundTripMs);
          const bytes = windowBytes(window);
          assert.ok(bytes >= share, `${bytes} is below the share of ${share}`);
          assert.ok(bytes < share * longestMs / 10 + 1000);
        }
      },
    ),
  );
});
