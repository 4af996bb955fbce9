import assert from "node:assert/strict";
import fc from "fast-check";
import { BrokenInvariant } from "../../src/protocols/assert.ts";
import { Random } from "../../src/protocols/random.ts";
import { Partners } from "../../src/simulator/epidemic_partners.ts";

Deno.test("partners are others, and no one twice at a time", () => {
  const nodes = fc.integer({ min: 2, max: 40 });
  fc.assert(fc.property(nodes, fc.nat(), fc.nat(), (nodes, seed, pick) => {
    const fanout = 1 + pick % (nodes - 1);
    const partners = new Partners(nodes, fanout, new Random(seed));
    for (let self = 0; self < nodes; self++) {
      partners.draw(self);
      const drawn = [...partners.drawn];
      assert.equal(new Set(drawn).size, fanout, drawn.join());
      for (const partner of drawn) assert.ok(partner < nodes && partner !== self, drawn.join());
    }
  }));
});

for (const [nodes, fanout] of [[2, 1], [7, 1], [7, 2], [7, 5], [7, 6]] as const) {
  Deno.test(`of ${nodes} nodes each gets ${fanout} of the others, all as often`, () => {
    const draws = 40_000;
    const partners = new Partners(nodes, fanout, new Random(1));
    const counts = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
    for (let i = 0; i < draws * nodes; i++) {
      const self = i % nodes;
      partners.draw(self);
      for (const partner of partners.drawn) counts[self]![partner]!++;
    }
    const share = fanout / (nodes - 1);
    const deviation = Math.sqrt(draws * share * (1 - share));
    for (const [self, row] of counts.entries()) {
      for (const [partner, count] of row.entries()) {
        const expected = self === partner ? 0 : draws * share;
        assert.ok(Math.abs(count - expected) <= 5 * deviation, `${self}: ${row.join()}`);
      }
    }
  });
}

Deno.test("so many partners that there aren't as many are refused", () => {
  for (const [nodes, fanout] of [[3, 3], [3, 0], [1, 1], [2 ** 20 + 1, 1]] as const) {
    assert.throws(() => new Partners(nodes, fanout, new Random(1)), BrokenInvariant);
  }
});
