import assert from "node:assert/strict";
import { DigestIndex, MAX_PIECES, SeenRumors } from "../../../src/protocols/gossip/seen_rumors.ts";
import { Random } from "../../../src/protocols/random.ts";

function id(origin: string, run: number, seq: number) {
  return { origin, run, seq };
}

Deno.test("a rumor is new once", () => {
  const seen = new SeenRumors();
  assert.equal(seen.add(id("ada", 1, 1)), true);
  assert.equal(seen.add(id("ada", 1, 1)), false);
  assert.equal(seen.add(id("ada", 2, 1)), true, "another process of hers");
  assert.equal(seen.add(id("bob", 1, 1)), true);
  assert.equal(seen.has(id("ada", 1, 1)), true);
  assert.equal(seen.has(id("ada", 1, 2)), false);
  assert.equal(seen.has(id("eve", 1, 1)), false);
});

Deno.test("what came without gaps is one piece, whatever the sequence", () => {
  const seen = new SeenRumors();
  for (const seq of [5, 1, 3, 2, 4, 9, 8, 20]) seen.add(id("ada", 7, seq));
  assert.deepEqual(seen.digest(), [{ origin: "ada", run: 7, pieces: [[1, 5], [8, 9], [20, 20]] }]);
});

Deno.test("it knows the same as a set, in any sequence", () => {
  const random = new Random(3);
  for (let round = 0; round < 50; round++) {
    const seen = new SeenRumors();
    const all = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const seq = 1 + random.below(150);
      assert.equal(seen.add(id("ada", 1, seq)), !all.has(seq));
      all.add(seq);
    }
    const index = new DigestIndex(seen.digest());
    for (let seq = 1; seq <= 151; seq++) {
      assert.equal(seen.has(id("ada", 1, seq)), all.has(seq));
      assert.equal(index.has(id("ada", 1, seq)), all.has(seq));
    }
    const { pieces } = seen.digest()[0]!;
    for (const [i, [first, last]] of pieces.entries()) {
      assert.ok(
        first <= last && (i === 0 || first > pieces[i - 1]![1] + 1),
        "none touches the next",
      );
    }
  }
});

Deno.test("who lacks something sees it in the other's digest", () => {
  const [ada, bob] = [new SeenRumors(), new SeenRumors()];
  assert.equal(ada.lacksAnyOf(bob.digest()), false);
  for (const seq of [1, 2, 3]) ada.add(id("x", 1, seq));
  assert.equal(bob.lacksAnyOf(ada.digest()), true);
  for (const seq of [1, 3]) bob.add(id("x", 1, seq));
  assert.equal(bob.lacksAnyOf(ada.digest()), true);
  assert.equal(ada.lacksAnyOf(bob.digest()), false);
  bob.add(id("x", 1, 2));
  assert.equal(bob.lacksAnyOf(ada.digest()), false);
  bob.add(id("y", 1, 1));
  assert.equal(ada.lacksAnyOf(bob.digest()), true);
});

Deno.test("of too many processes the one that was silent for longest is forgotten", () => {
  const seen = new SeenRumors(2);
  seen.add(id("a", 1, 1));
  seen.add(id("b", 1, 1));
  seen.add(id("a", 1, 2));
  seen.add(id("c", 1, 1));
  assert.deepEqual(seen.digest().map(({ origin }) => origin), ["a", "c"]);
});

Deno.test("of too many gaps the oldest counts as had", () => {
  const seen = new SeenRumors();
  for (let i = 0; i < 2 * MAX_PIECES; i++) assert.equal(seen.add(id("ada", 1, 1 + 2 * i)), true);
  assert.equal(seen.digest()[0]!.pieces.length, MAX_PIECES);
  assert.equal(seen.has(id("ada", 1, 2)), true);
  assert.equal(seen.has(id("ada", 1, 4 * MAX_PIECES - 2)), false);
});
