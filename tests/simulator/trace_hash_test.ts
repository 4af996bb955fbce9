import assert from "node:assert/strict";
import { TraceHash } from "../../src/simulator/trace_hash.ts";

function hashOf(...values: number[]): string {
  const hash = new TraceHash();
  for (const value of values) hash.add(value);
  return hash.hex;
}

Deno.test("a hash is the same on every machine", () => {
  assert.equal(hashOf(), "ebb6c2283cd6e3f3");
  assert.equal(hashOf(0, 1, 4096, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1), "7cbc82368c999603");
});

Deno.test("values, their order and their number make a difference", () => {
  const hashes = [
    hashOf(),
    hashOf(0),
    hashOf(0, 0),
    hashOf(1, 2),
    hashOf(2, 1),
    hashOf(2 ** 32 + 1),
    hashOf(1),
    hashOf(2 ** 52 + 1),
    ...Array.from({ length: 1000 }, (_, i) => hashOf(7, i + 10)),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("looking at a hash doesn't change it", () => {
  const hash = new TraceHash();
  hash.add(1);
  assert.equal(hash.hex, hash.hex);
  hash.add(2);
  assert.equal(hash.hex, hashOf(1, 2));
});

Deno.test("the hash of hashes depends on their order", () => {
  const joined = (...hashes: string[]) => {
    const hash = new TraceHash();
    for (const hex of hashes) hash.addHash(hex);
    return hash.hex;
  };
  const [a, b] = [hashOf(1), hashOf(2)];
  assert.equal(joined(a, b), joined(a, b));
  assert.notEqual(joined(a, b), joined(b, a));
  assert.notEqual(joined(a), a);
});
