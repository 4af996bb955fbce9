import assert from "node:assert/strict";

import { LinkFate } from "../../src/hosts/link_fate.ts";
import { type LinkSpec, PERFECT_LINK } from "../../src/hosts/link_spec.ts";
import { Random } from "../../src/protocols/random.ts";

const COUNT = 20_000;

interface Fates {
  readonly delays: readonly (readonly number[])[];
  readonly heldBack: number;
}

function decide(knobs: Partial<LinkSpec>, seed = 1, count = COUNT): Fates {
  const fate = new LinkFate({ ...PERFECT_LINK, ...knobs }, new Random(seed));
  let heldBack = 0;
  const delays = Array.from({ length: count }, () => {
    const copies = [...fate.next()];
    heldBack += fate.heldBack;
    return copies;
  });
  return { delays, heldBack };
}

function assertRate(happened: number, rate: number, count: number): void {
  const deviation = Math.sqrt(count * rate * (1 - rate));
  assert.ok(Math.abs(happened - count * rate) <= 4 * deviation, `${happened} of ${count}`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("on a perfect link every datagram arrives once and at once", () => {
  assert.ok(decide({}).delays.every((copies) => copies.length === 1 && copies[0] === 0));
});

Deno.test("loss takes its share, nothing at 0 % and everything at 100 %", () => {
  for (const lossRate of [0, 0.01, 0.2, 1]) {
    const { delays } = decide({ lossRate, delayMs: 10 });
    assertRate(delays.filter((copies) => copies.length === 0).length, lossRate, COUNT);
  }
});

Deno.test("duplication doubles its share of what isn't lost", () => {
  const { delays } = decide({ lossRate: 0.2, duplicateRate: 0.1 });
  const arrived = delays.filter((copies) => copies.length > 0);
  assertRate(arrived.filter((copies) => copies.length === 2).length, 0.1, arrived.length);
  assert.ok(decide({ duplicateRate: 1 }).delays.every((copies) => copies.length === 2));
});

Deno.test("the copy of a duplicate has a delay of its own", () => {
  const { delays } = decide({ delayMs: 40, jitterMs: 5, duplicateRate: 1 });
  assert.ok(delays.every(([first, second]) => first !== second));
});

Deno.test("delays are uniform around the mean, as far as jitter goes", () => {
  const delays = decide({ delayMs: 40, jitterMs: 5 }).delays.flat();
  assert.ok(delays.every((delay) => delay >= 35 && delay < 45));
  assert.ok(Math.abs(mean(delays) - 40) < 0.1, `mean ${mean(delays)}`);
  for (let from = 35; from < 45; from++) {
    assertRate(delays.filter((delay) => delay >= from && delay < from + 1).length, 0.1, COUNT);
  }
});

Deno.test("without jitter every delay is the same", () => {
  assert.ok(decide({ delayMs: 40 }).delays.every(([delay]) => delay === 40));
});

Deno.test("jitter beyond the delay never makes a delay negative", () => {
  const delays = decide({ delayMs: 2, jitterMs: 6 }).delays.flat();
  assert.ok(delays.every((delay) => delay >= 0 && delay < 8));
  assertRate(delays.filter((delay) => delay === 0).length, 4 / 12, COUNT);
});

Deno.test("reordering holds its share back by up to the delay", () => {
  const { delays, heldBack } = decide({ delayMs: 40, reorderRate: 0.25 });
  const late = delays.flat().filter((delay) => delay > 40);
  assert.equal(late.length, heldBack);
  assertRate(late.length, 0.25, COUNT);
  assert.ok(late.every((delay) => delay < 80));
  assert.ok(Math.abs(mean(late) - 60) < 1, `mean ${mean(late)}`);
});

Deno.test("reordering works on a link without delay", () => {
  const late = decide({ reorderRate: 0.5 }).delays.flat().filter((delay) => delay > 0);
  assertRate(late.length, 0.5, COUNT);
  assert.ok(Math.max(...late) < 5 && Math.max(...late) > 4.9);
});

Deno.test("held-back copies of one datagram are counted each, and of a lost one not at all", () => {
  const spec = { ...PERFECT_LINK, reorderRate: 1, duplicateRate: 1, lossRate: 0.5 };
  const fate = new LinkFate(spec, new Random(3));
  for (let i = 0; i < 100; i++) assert.equal(fate.next().length, fate.heldBack);
});

Deno.test("the same seed decides the same, and another one doesn't", () => {
  const knobs = {
    delayMs: 40,
    jitterMs: 5,
    lossRate: 0.1,
    duplicateRate: 0.1,
    reorderRate: 0.1,
  };
  assert.deepEqual(decide(knobs, 7, 1000), decide(knobs, 7, 1000));
  assert.notDeepEqual(decide(knobs, 7, 1000), decide(knobs, 8, 1000));
});

Deno.test("a knob out of its range is refused", () => {
  assert.throws(() => new LinkFate({ ...PERFECT_LINK, lossRate: 2 }, new Random(1)), RangeError);
});
