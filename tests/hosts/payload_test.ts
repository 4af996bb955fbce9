import assert from "node:assert/strict";
import fc from "fast-check";
import { Payloads } from "../../src/hosts/payload.ts";

function read(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

Deno.test("a payload names its sender and number, and goes on with text", () => {
  const payloads = new Payloads(40);
  assert.equal(read(payloads.make(3, 17)), "3:17 y dog and the lamp goes on and on; ");
  assert.equal(read(payloads.make(0, 1)), "0:1 he quick brown fox jumps over the la");
  assert.equal(read(payloads.make(999, 10_000_000)).slice(0, 13), "999:10000000 ");
});

Deno.test("a short payload is cut, down to nothing", () => {
  const expected = ["", "1", "12", "12:", "12:3", "12:34", "12:34 ", "12:34 n"];
  for (const [sizeBytes, text] of expected.entries()) {
    assert.equal(read(new Payloads(sizeBytes).make(12, 34)), text);
  }
});

Deno.test("every payload has its size and passes its own check", () => {
  for (const sizeBytes of [0, 1, 2, 5, 20, 100, 1023, 1024, 1025, 65_507, 2 ** 20]) {
    const payloads = new Payloads(sizeBytes);
    for (const [sender, seq] of [[0, 1], [9, 9], [10, 99], [999, 10_000_000]] as const) {
      const payload = payloads.make(sender, seq);
      assert.equal(payload.length, sizeBytes);
      assert.ok(payloads.check(sender, seq, payload));
    }
  }
});

Deno.test("any byte changed, missing or added is noticed", () => {
  const payloads = new Payloads(60);
  const payload = payloads.make(4, 123);
  for (let at = 0; at < payload.length; at++) {
    payload[at]! ^= 1;
    assert.equal(payloads.check(4, 123, payload), false, `byte ${at}`);
    payload[at]! ^= 1;
  }
  assert.ok(payloads.check(4, 123, payload));
  assert.equal(payloads.check(4, 123, payload.subarray(0, 59)), false);
  assert.equal(payloads.check(4, 123, Uint8Array.of(...payload, 0x20)), false);
});

Deno.test("no payload is taken for another one", () => {
  const message = fc.tuple(fc.nat(999), fc.integer({ min: 1, max: 10_000_000 }));
  const payloads = new Payloads(40);
  fc.assert(fc.property(message, message, ([p, s], [q, t]) => {
    fc.pre(p !== q || s !== t);
    assert.equal(payloads.check(q, t, payloads.make(p, s)), false);
  }));
});

Deno.test("a made payload stays as it is when others are made and checked", () => {
  const payloads = new Payloads(30);
  const first = payloads.make(1, 1);
  const copy = first.slice();
  payloads.check(2, 2, payloads.make(2, 2));
  assert.deepEqual(first, copy);
});

Deno.test("a size that no message can have is refused", () => {
  for (const sizeBytes of [-1, 2 ** 20 + 1, NaN, Infinity]) {
    assert.throws(() => new Payloads(sizeBytes), {
      name: "RangeError",
      message: `A payload can't have ${sizeBytes} bytes`,
    });
  }
});
