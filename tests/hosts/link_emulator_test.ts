import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

import fc from "fast-check";

import {
  EARLY_MS,
  LinkEmulator,
  OVERHEAD_BYTES,
  POLL_MS,
  UNDER_WAY_LIMIT_BYTES,
} from "../../src/hosts/link_emulator.ts";
import { type LinkSpec, PERFECT_LINK } from "../../src/hosts/link_spec.ts";
import { VirtualClock } from "./virtual_clock.ts";

interface Transmission {
  readonly to: number;
  readonly number: number;
  readonly at: number;
}

/** An emulator in virtual time, and what it has transmitted. */
class World {
  readonly clock = new VirtualClock();
  readonly start = this.clock.now();
  readonly transmitted: Transmission[] = [];
  readonly emulator: LinkEmulator;

  constructor(links: Partial<LinkSpec> | ((to: number) => Partial<LinkSpec>), seed = 1) {
    this.emulator = new LinkEmulator({
      seed,
      process: 0,
      links: (to) => ({ ...PERFECT_LINK, ...(typeof links === "function" ? links(to) : links) }),
      transmit: (to, datagram) => {
        const number = new DataView(datagram.buffer, datagram.byteOffset).getUint32(0);
        this.transmitted.push({ to, number, at: this.clock.now() - this.start });
      },
      clock: this.clock,
    });
  }

  send(to: number, number: number): void {
    this.emulator.send(to, numbered(number));
  }

  /** The numbers that were transmitted to a process, in that order. */
  numbers(to: number): number[] {
    return this.transmitted.filter((one) => one.to === to).map((one) => one.number);
  }
}

function numbered(number: number): Uint8Array {
  const datagram = new Uint8Array(4);
  new DataView(datagram.buffer).setUint32(0, number);
  return datagram;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

Deno.test("a perfect link transmits the very bytes, before send returns", () => {
  const transmitted: Uint8Array[] = [];
  const emulator = new LinkEmulator({
    seed: 1,
    process: 0,
    links: () => PERFECT_LINK,
    transmit: (_to, datagram) => transmitted.push(datagram),
    clock: new VirtualClock(),
  });
  const datagram = numbered(1);
  emulator.send(1, datagram);
  assert.equal(transmitted.length, 1);
  assert.ok(transmitted[0] === datagram);
  assert.equal(emulator.counts.delayed, 0);
});

Deno.test("a link that only loses transmits the rest before send returns", () => {
  const world = new World({ lossRate: 0.5 });
  for (const number of range(100)) world.send(1, number);
  assert.equal(world.transmitted.length + world.emulator.counts.lost, 100);
  assert.ok(world.transmitted.length > 20 && world.emulator.counts.lost > 20);
  assert.equal(world.clock.pending, 0);
});

Deno.test("who ends can wait until nothing is under way, or everything is dropped", async () => {
  const world = new World({ delayMs: 40 });
  await world.emulator.drained();
  for (const end of [() => world.clock.settle(), () => world.emulator.close()]) {
    world.send(1, 7);
    let isDrained = false;
    const drained = world.emulator.drained().then(() => isDrained = true);
    await Promise.resolve();
    assert.ok(!isDrained);
    end();
    await drained;
    assert.equal(world.emulator.underWay, 0);
  }
  assert.equal(world.transmitted.length, 1);
});

Deno.test("a datagram is transmitted when its delay is over", () => {
  for (const delayMs of [0.1, POLL_MS, 40, 3_600_000]) {
    const world = new World({ delayMs });
    world.send(1, 7);
    assert.equal(world.transmitted.length, 0);
    assert.equal(world.emulator.underWay, 1);
    world.clock.settle();
    assert.equal(world.transmitted.length, 1);
    const { at, number } = world.transmitted[0]!;
    assert.ok(at >= delayMs - 1e-9 && at < delayMs + 0.02, `${at} after ${delayMs}`);
    assert.equal(number, 7);
    assert.equal(world.emulator.underWay, 0);
    assert.equal(world.emulator.counts.delayed, 1);
  }
});

Deno.test("the caller may use the bytes again at once, those of a Buffer too", () => {
  const world = new World({ delayMs: 40 });
  for (const reused of [numbered(0), Buffer.alloc(4)]) {
    for (const number of range(3)) {
      new DataView(reused.buffer, reused.byteOffset).setUint32(0, number);
      world.emulator.send(1, reused);
    }
  }
  world.clock.settle();
  assert.deepEqual(world.numbers(1), [0, 1, 2, 0, 1, 2]);
});

Deno.test("only the datagram is kept, not the buffer that it is a part of", () => {
  const whole = new Uint8Array(1000);
  let kept: Uint8Array | undefined;
  const clock = new VirtualClock();
  const emulator = new LinkEmulator({
    seed: 1,
    process: 0,
    links: () => ({ ...PERFECT_LINK, delayMs: 1 }),
    transmit: (_to, datagram) => kept = datagram,
    clock,
  });
  emulator.send(1, whole.subarray(500, 510));
  clock.settle();
  assert.equal(kept?.length, 10);
  assert.equal(kept.buffer.byteLength, 10);
});

Deno.test("without jitter the order of a pair is kept, however sends and time interleave", () => {
  const gap = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true }));
  const delay = fc.constantFrom(0.1, 0.9, 1, 2.5, 40);
  const error = fc.constantFrom(-0.9, -0.4, 0, 0.7, 3);
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 60 }), delay, error, (gaps, delayMs, errorMs) => {
      const world = new World({ delayMs });
      world.clock.timerErrorMs = errorMs;
      for (const [number, gapMs] of gaps.entries()) {
        world.send(1, number);
        world.clock.pass(gapMs);
      }
      world.clock.settle();
      assert.deepEqual(world.numbers(1), range(gaps.length));
    }),
  );
});

Deno.test("jitter reorders, and loses nothing", () => {
  const world = new World({ delayMs: 40, jitterMs: 5 });
  for (const number of range(200)) {
    world.send(1, number);
    world.clock.pass(0.5);
  }
  world.clock.settle();
  const numbers = world.numbers(1);
  assert.notDeepEqual(numbers, range(200));
  assert.deepEqual(numbers.toSorted((a, b) => a - b), range(200));
});

Deno.test("what is held back is overtaken by later ones", () => {
  const world = new World({ delayMs: 10, reorderRate: 0.1 });
  for (const number of range(500)) {
    world.send(1, number);
    world.clock.pass(1);
  }
  world.clock.settle();
  const numbers = world.numbers(1);
  let overtaken = 0;
  let highest = -1;
  for (const number of numbers) {
    if (number < highest) overtaken++;
    highest = Math.max(highest, number);
  }
  const { reordered } = world.emulator.counts;
  assert.ok(reordered > 25 && reordered < 85, `${reordered} held back`);
  assert.ok(overtaken > reordered / 2 && overtaken <= reordered, `${overtaken} overtaken`);
});

Deno.test("every datagram is transmitted, doubled or counted as lost", () => {
  const world = new World({
    delayMs: 5,
    jitterMs: 10, // some delays are 0
    lossRate: 0.2,
    duplicateRate: 0.1,
    reorderRate: 0.2,
  });
  for (const number of range(5000)) {
    world.send(number % 3, number);
    if (number % 50 === 0) world.clock.pass(1);
  }
  world.clock.settle();
  const { lost, duplicated, delayed, overflowed } = world.emulator.counts;
  assert.equal(world.transmitted.length, 5000 - lost + duplicated);
  assert.ok(Math.abs(lost - 1000) < 120, `${lost} lost`);
  assert.ok(Math.abs(duplicated - 400) < 80, `${duplicated} duplicated`);
  assert.ok(delayed > 2000 && delayed < world.transmitted.length);
  assert.equal(overflowed, 0);
  const times = new Map<number, number>();
  for (const { number } of world.transmitted) times.set(number, (times.get(number) ?? 0) + 1);
  assert.equal(times.size, 5000 - lost);
  assert.equal([...times.values()].filter((count) => count === 2).length, duplicated);
});

Deno.test("what happens to a pair's datagrams depends on the seed and the pair alone", () => {
  const knobs = { delayMs: 40, jitterMs: 5, lossRate: 0.1, duplicateRate: 0.1, reorderRate: 0.1 };
  function run(seed: number, others: number): number[] {
    const world = new World(knobs, seed);
    for (const number of range(300)) {
      for (const other of range(others)) world.send(2 + other, number);
      world.send(1, number);
      world.clock.pass(1);
    }
    world.clock.settle();
    return world.numbers(1);
  }
  const alone = run(7, 0);
  assert.deepEqual(run(7, 0), alone);
  assert.deepEqual(run(7, 3), alone);
  assert.notDeepEqual(run(8, 0), alone);
});

Deno.test("the two directions of a pair, and two receivers, have different luck", () => {
  function lost(process: number, to: number): string {
    let arrived = "";
    const emulator = new LinkEmulator({
      seed: 1,
      process,
      links: () => ({ ...PERFECT_LINK, lossRate: 0.5 }),
      transmit: (_to, datagram) => arrived += `${datagram[3]} `,
      clock: new VirtualClock(),
    });
    for (const number of range(64)) emulator.send(to, numbered(number));
    return arrived;
  }
  assert.equal(new Set([lost(0, 1), lost(1, 0), lost(0, 2), lost(2, 1)]).size, 4);
});

Deno.test("each process has the link that was asked for, and is asked about once", () => {
  const asked: number[] = [];
  const world = new World((to) => {
    asked.push(to);
    return { delayMs: to * 10 };
  });
  for (const to of [3, 1, 0, 2, 3, 1]) world.send(to, to);
  world.clock.settle();
  assert.deepEqual(asked, [3, 1, 0, 2]);
  assert.deepEqual(world.transmitted.map(({ to, at }) => [to, Math.round(at)]), [
    [0, 0],
    [1, 10],
    [1, 10],
    [2, 20],
    [3, 30],
    [3, 30],
  ]);
});

Deno.test("a later datagram that is due earlier doesn't wait for an earlier one", () => {
  const world = new World((to) => ({ delayMs: to }));
  world.send(100, 1);
  world.send(50, 2);
  world.send(75, 3);
  world.clock.pass(51);
  assert.deepEqual(world.transmitted.map(({ number }) => number), [2]);
  world.clock.settle();
  assert.deepEqual(world.transmitted.map(({ number }) => number), [2, 3, 1]);
});

Deno.test("one timer serves all that is under way", () => {
  const world = new World({ delayMs: 40 });
  for (const number of range(1000)) world.send(1, number);
  assert.equal(world.clock.pending, 1);
  world.clock.settle();
  assert.equal(world.clock.timerCalls, 1);
  assert.equal(world.clock.turnCalls, 0);
  assert.deepEqual(world.numbers(1), range(1000));
});

Deno.test("a long delay is waited for by a timer and a short one by polling", () => {
  const long = new World({ delayMs: POLL_MS });
  long.send(1, 1);
  long.clock.settle();
  assert.equal(long.clock.turnCalls, 0);
  const short = new World({ delayMs: 0.1 });
  short.clock.timerErrorMs = 1;
  short.send(1, 1);
  short.clock.settle();
  assert.equal(short.clock.timerCalls, 0);
  assert.ok(short.clock.turnCalls >= 9 && short.clock.turnCalls <= 11, `${short.clock.turnCalls}`);
});

Deno.test("polling ends with the last short delay, and a timer takes over", () => {
  const world = new World((to) => ({ delayMs: to === 1 ? 0.1 : 40 }));
  world.send(2, 2);
  world.send(1, 1);
  world.clock.settle();
  assert.deepEqual(world.transmitted.map(({ number }) => number), [1, 2]);
  assert.ok(world.clock.turnCalls <= 11, `${world.clock.turnCalls} turns`);
  assert.equal(world.clock.timerCalls, 1);
});

Deno.test("a timer that fires too early transmits nothing that is due later than the tolerance", () => {
  for (const [errorMs, expectedMs] of [[-0.4, 39.6], [-EARLY_MS, 39.5], [-0.8, 40]] as const) {
    const world = new World({ delayMs: 40 });
    world.clock.timerErrorMs = errorMs;
    world.send(1, 1);
    world.clock.pass(39.45);
    assert.equal(world.transmitted.length, 0);
    world.clock.timerErrorMs = 0; // of the second timer, if there is one
    world.clock.settle();
    assert.ok(Math.abs(world.transmitted[0]!.at - expectedMs) < 1e-6, `${errorMs}`);
  }
});

Deno.test("a timer that fires late catches up with all that is due, in order of its due time", () => {
  const world = new World((to) => ({ delayMs: to }));
  world.clock.timerErrorMs = 30;
  world.send(40, 1);
  world.send(20, 2);
  world.send(30, 3);
  world.clock.settle();
  assert.deepEqual(world.transmitted.map(({ number }) => number), [2, 3, 1]);
  assert.equal(world.clock.timerCalls, 1);
});

Deno.test("what is under way is bounded, small datagrams included, and flows again afterwards", () => {
  for (const size of [4, 1400]) {
    const room = Math.floor(UNDER_WAY_LIMIT_BYTES / (size + OVERHEAD_BYTES));
    let transmitted = 0;
    const clock = new VirtualClock();
    const emulator = new LinkEmulator({
      seed: 1,
      process: 0,
      links: () => ({ ...PERFECT_LINK, delayMs: 40 }),
      transmit: () => transmitted++,
      clock,
    });
    const datagram = new Uint8Array(size);
    for (let sent = 0; sent < room + 10; sent++) emulator.send(1, datagram);
    assert.equal(emulator.underWay, room);
    assert.equal(emulator.counts.lost, 10);
    assert.equal(emulator.counts.overflowed, 10);
    clock.settle();
    assert.equal(transmitted, room);
    emulator.send(1, datagram);
    assert.equal(emulator.underWay, 1);
    emulator.close();
  }
});

Deno.test("a datagram and its duplicate are both under way, or neither is", () => {
  const world = new World({ delayMs: 40, duplicateRate: 1 });
  const datagram = new Uint8Array(2 ** 20 - OVERHEAD_BYTES); // 64 fit
  world.emulator.send(1, new Uint8Array(4));
  for (let sent = 0; sent < 40; sent++) world.emulator.send(1, datagram);
  assert.equal(world.emulator.underWay, 2 * (1 + 31));
  assert.equal(world.emulator.counts.overflowed, 9);
  assert.equal(world.emulator.counts.duplicated, 32);
  world.emulator.close();
});

Deno.test("closing drops what is under way and stops", () => {
  for (const delayMs of [0.1, 40]) {
    const world = new World((to) => (to === 9 ? {} : { delayMs }));
    for (const number of range(5)) world.send(1, number);
    world.emulator.close();
    world.send(1, 5);
    world.send(9, 6);
    world.clock.settle();
    assert.equal(world.transmitted.length, 0);
    assert.equal(world.emulator.underWay, 0);
    world.emulator.close();
  }
});

Deno.test("transmit may send, and may close", () => {
  const clock = new VirtualClock();
  const transmitted: string[] = [];
  const emulator: LinkEmulator = new LinkEmulator({
    seed: 1,
    process: 0,
    links: (to) => ({
      ...PERFECT_LINK,
      delayMs: to === 1 ? 40 : 0,
      duplicateRate: to === 2 ? 1 : 0,
    }),
    transmit: (to) => {
      transmitted.push(`${to} at ${Math.round(clock.now())}`);
      if (transmitted.length === 1) emulator.send(1, numbered(1));
      if (transmitted.length === 2) emulator.send(2, numbered(1));
      if (transmitted.length === 3) emulator.close();
    },
    clock,
  });
  emulator.send(1, numbered(0));
  clock.settle();
  assert.deepEqual(transmitted, ["1 at 1040", "1 at 1080", "2 at 1080"]);
});

Deno.test("a link out of range is refused at the first datagram", () => {
  const world = new World({ lossRate: 1.5 });
  assert.throws(() => world.send(1, 1), { name: "RangeError", message: /^lossRate/ });
});

Deno.test("the machine's clock waits for short and long delays, and leaves nothing behind", async () => {
  const order: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const emulator = new LinkEmulator({
    seed: 1,
    process: 0,
    links: (to) => ({ ...PERFECT_LINK, delayMs: [0.2, 3, 25][to]! }),
    transmit: (to) => {
      order.push(to);
      if (order.length === 3) resolve();
    },
  });
  const started = performance.now();
  for (const to of [2, 1, 0]) emulator.send(to, numbered(to));
  await promise;
  const elapsedMs = performance.now() - started;
  assert.deepEqual(order, [0, 1, 2]);
  assert.ok(elapsedMs >= 25 - EARLY_MS, `${elapsedMs}`);
  emulator.close();
});
