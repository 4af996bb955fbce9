import assert from "node:assert/strict";

import fc from "fast-check";

import {
  checkLinkSpec,
  combineLinks,
  formatLinkOverride,
  formatLinkSpec,
  holdBackMs,
  isPerfect,
  type LinkSpec,
  parseLinkSpec,
  PERFECT_LINK,
} from "../../src/hosts/link_spec.ts";

function refuses(text: string, message: string): void {
  assert.throws(() => parseLinkSpec(text), { name: "SyntaxError", message });
}

Deno.test("a link is read with any of its knobs, in any order", () => {
  assert.deepEqual(parseLinkSpec("delay=40ms,jitter=5ms,loss=1%,duplicate=2%,reorder=3%"), {
    delayMs: 40,
    jitterMs: 5,
    lossRate: 0.01,
    duplicateRate: 0.02,
    reorderRate: 0.03,
  });
  assert.deepEqual(parseLinkSpec("reorder=3%,delay=1s"), { delayMs: 1000, reorderRate: 0.03 });
  assert.deepEqual(parseLinkSpec("loss=0%"), { lossRate: 0 });
  assert.deepEqual(parseLinkSpec("jitter=5ms"), { jitterMs: 5 });
});

Deno.test("a bad link is refused with a message that names the key", () => {
  const keys = "use delay, jitter, loss, duplicate, reorder";
  refuses("", "A link is empty: write one such as delay=40ms,jitter=5ms,loss=1%");
  refuses("dely=40ms", `The link has no "dely": ${keys}`);
  refuses("Delay=40ms", `The link has no "Delay": ${keys}`);
  refuses("__proto__=1%", `The link has no "__proto__": ${keys}`);
  refuses("delay=40ms, loss=1%", `The link has no " loss": ${keys}`);
  refuses("40ms", `The link has no "40ms": ${keys}`);
  refuses("=40ms", `The link has an item without a key: ${keys}`);
  refuses("delay=40ms,", `The link has an item without a key: ${keys}`);
  refuses("delay", "The link's delay has no value");
  refuses("delay=,loss=1%", "The link's delay has no value");
  refuses("delay=0ms,delay=1ms", "The link's delay is given twice");
  refuses("delay=40", `The link's delay is wrong: "40" has no unit: write 40ms or 40s`);
  refuses("loss=101%", `The link's loss is wrong: "101%" is more than 100%`);
  refuses(
    "loss=0.01",
    `The link's loss is wrong: "0.01" has no percent sign: write 1% for a share of 0.01`,
  );
  assert.throws(() => parseLinkSpec("delay==1ms"), SyntaxError);
});

Deno.test("a link is read as it was written", () => {
  assert.equal(formatLinkSpec(PERFECT_LINK), "delay=0ms");
  assert.equal(
    formatLinkSpec({ ...PERFECT_LINK, lossRate: 0.2, jitterMs: 0.05 }),
    "jitter=50us,loss=20%",
  );
  const time = fc.nat(1e7).map((microseconds) => microseconds / 1000);
  const rate = fc.nat(10_000).map((parts) => parts / 10_000);
  const spec: fc.Arbitrary<LinkSpec> = fc.record({
    delayMs: time,
    jitterMs: time,
    lossRate: rate,
    duplicateRate: rate,
    reorderRate: rate,
  }, { noNullPrototype: true });
  fc.assert(fc.property(spec, (spec) => {
    assert.deepEqual(combineLinks(PERFECT_LINK, parseLinkSpec(formatLinkSpec(spec))), spec);
  }));
});

Deno.test("an override is read as it was written, its zeros included", () => {
  for (const text of ["delay=0ms,loss=0%", "jitter=50us", "loss=20%,duplicate=0%,reorder=100%"]) {
    assert.equal(formatLinkOverride(parseLinkSpec(text)), text);
  }
});

Deno.test("an override wins knob by knob, also when it is 0, and changes neither link", () => {
  const base = { ...PERFECT_LINK, delayMs: 40, lossRate: 0.1 };
  const override = { lossRate: 0, jitterMs: 3 };
  assert.deepEqual(combineLinks(base, override), { ...PERFECT_LINK, delayMs: 40, jitterMs: 3 });
  assert.equal(base.lossRate, 0.1);
  assert.deepEqual(override, { lossRate: 0, jitterMs: 3 });
  assert.deepEqual(combineLinks(base, {}), base);
});

Deno.test("a link is perfect only if every knob is 0", () => {
  assert.ok(isPerfect(PERFECT_LINK));
  for (const field of Object.keys(PERFECT_LINK)) {
    assert.ok(!isPerfect({ ...PERFECT_LINK, [field]: 0.5 }), field);
  }
});

Deno.test("what is held back waits up to the delay, twice the jitter or 5 ms", () => {
  assert.equal(holdBackMs({ ...PERFECT_LINK, delayMs: 40, jitterMs: 5 }), 40);
  assert.equal(holdBackMs({ ...PERFECT_LINK, delayMs: 40, jitterMs: 30 }), 60);
  assert.equal(holdBackMs({ ...PERFECT_LINK, delayMs: 0.1 }), 5);
});

Deno.test("a knob out of its range is named", () => {
  checkLinkSpec(PERFECT_LINK);
  checkLinkSpec({ delayMs: 1, jitterMs: 2, lossRate: 1, duplicateRate: 1, reorderRate: 1 });
  for (const field of Object.keys(PERFECT_LINK)) {
    for (const value of [-1, NaN, Infinity]) {
      const message = new RegExp(`^${field} must be`);
      const spec = { ...PERFECT_LINK, [field]: value };
      assert.throws(() => checkLinkSpec(spec), { name: "RangeError", message });
    }
  }
  assert.throws(() => checkLinkSpec({ ...PERFECT_LINK, lossRate: 1.01 }), RangeError);
});
