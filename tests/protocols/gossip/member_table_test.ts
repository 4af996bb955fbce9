import assert from "node:assert/strict";
import { isNewer, MemberTable } from "../../../src/protocols/gossip/member_table.ts";
import type { MemberRecord, MemberState } from "../../../src/protocols/gossip/messages.ts";
import { Random } from "../../../src/protocols/random.ts";

function record(
  name: string,
  state: MemberState = "alive",
  incarnation = 1,
  address = `${name}:1`,
): MemberRecord {
  return { name, address, incarnation, state };
}

Deno.test("of two records the higher incarnation is newer, and then the graver state", () => {
  const states: MemberState[] = ["alive", "suspect", "dead", "left"];
  const ordered = [1, 2].flatMap((incarnation) =>
    states.map((state) => record("ada", state, incarnation))
  );
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(isNewer(a, b), i > j, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    }
  }
});

Deno.test("of two processes of one name and incarnation, all prefer the same one", () => {
  const [a, b] = [record("ada", "alive", 1, "a:1"), record("ada", "alive", 1, "b:1")];
  assert.equal(isNewer(b, a), true);
  assert.equal(isNewer(a, b), false);
});

Deno.test("a change is told once: coming, going, and neither", () => {
  const table = new MemberTable(new Random(1));
  assert.equal(table.put(record("ada")), "came");
  assert.equal(table.put(record("ada")), "nothing");
  assert.equal(table.put(record("ada", "suspect")), "changed");
  assert.equal(table.isUp("ada"), true);
  assert.equal(table.put(record("ada", "alive", 1)), "nothing");
  assert.equal(table.put(record("ada", "dead")), "went");
  assert.equal(table.isUp("ada"), false);
  assert.deepEqual(table.dead, [record("ada", "dead")]);
  assert.equal(table.put(record("ada", "left")), "changed");
  assert.deepEqual(table.dead, []);
  assert.equal(table.put(record("ada", "suspect", 2)), "came");
  assert.equal(table.upCount, 1);
  assert.deepEqual(table.get("ada"), record("ada", "suspect", 2));
});

Deno.test("somebody unknown who is gone already is remembered, and has neither come nor gone", () => {
  const table = new MemberTable(new Random(1));
  assert.equal(table.put(record("ada", "dead")), "changed");
  assert.equal(table.upCount, 0);
  assert.deepEqual(table.records, [record("ada", "dead")]);
});

Deno.test("who is drawn is up, different, and not the one who isn't meant", () => {
  const table = new MemberTable(new Random(7));
  for (let i = 0; i < 10; i++) table.put(record(`n${i}`, i < 7 ? "alive" : "dead"));
  table.put(record("n6", "suspect"));
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const names = table.draw(2, "n0").map(({ name }) => name);
    assert.equal(new Set(names).size, 2);
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].toSorted(), ["n1", "n2", "n3", "n4", "n5", "n6"]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 200, `${count} of 12000`);
  assert.equal(table.draw(100).length, 7);
  assert.equal(table.draw(100, "n0").length, 6);
});

Deno.test("drawing goes on while members come and go", () => {
  const table = new MemberTable(new Random(3));
  const random = new Random(4);
  const up = new Set<string>();
  for (let incarnation = 1; incarnation <= 2000; incarnation++) {
    const name = `n${random.below(20)}`;
    const isUp = random.chance(0.5);
    table.put(record(name, isUp ? "alive" : "dead", incarnation));
    if (isUp) up.add(name);
    else up.delete(name);
    const drawn = table.draw(20).map((member) => member.name);
    assert.deepEqual(drawn.toSorted(), [...up].toSorted());
    assert.deepEqual(table.upNames.toSorted(), [...up].toSorted());
  }
});

Deno.test("when it is full, who has been gone for longest makes place for who comes", () => {
  const table = new MemberTable(new Random(1), 3);
  for (const name of ["ada", "ben", "cyd"]) table.put(record(name));
  assert.equal(table.put(record("dan")), "nothing", "all of them are up");
  table.put(record("ben", "dead"));
  table.put(record("ada", "left"));
  assert.equal(table.put(record("dan", "dead")), "nothing", "nobody makes place for the dead");
  assert.equal(table.put(record("dan")), "came");
  assert.deepEqual(table.records.map(({ name }) => name).toSorted(), ["ada", "cyd", "dan"]);
  assert.equal(table.put(record("eve")), "came");
  assert.equal(table.get("ada"), undefined);
});
