import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_NODES, type RingMember } from "../../../src/protocols/token_ring/messages.ts";
import {
  includes,
  inRingOrder,
  NO_VIEW,
  successor,
} from "../../../src/protocols/token_ring/ring_view.ts";

/** Members with incarnation 100 + node, and what they wish for. */
function membersOf(wishes: Readonly<Record<number, number | null>>): RingMember[] {
  return Object.entries(wishes)
    .map(([node, next]) => ({ node: Number(node), incarnation: 100 + Number(node), next }));
}

/** Who comes after whom, from node 0 on. */
function orderOf(wishes: Readonly<Record<number, number | null>>): number[] {
  const order = inRingOrder(membersOf(wishes)).map(({ node }) => node);
  const first = order.indexOf(0);
  return [...order.slice(first), ...order.slice(0, first)];
}

/** Whom each passes the token to. */
function successors(ring: readonly RingMember[]): Map<number, number> {
  return new Map(ring.map(({ node }, i) => [node, ring[(i + 1) % ring.length]!.node]));
}

/** Any members in any order, some with a wish, which may be in vain or to be oneself. */
const anyMembers = fc.uniqueArray(fc.nat(MAX_NODES - 1), { minLength: 1, maxLength: 12 }).chain(
  (nodes) =>
    fc.tuple(...nodes.map((node) =>
      fc.record({
        node: fc.constant(node),
        incarnation: fc.constant(100 + node),
        next: fc.option(fc.oneof(fc.constantFrom(...nodes), fc.nat(MAX_NODES - 1))),
      })
    )),
);

Deno.test("without wishes the ring is in the order of the file", () => {
  assert.deepEqual(orderOf({ 4: null, 0: null, 2: null }), [0, 2, 4]);
});

Deno.test("a wish is fulfilled", () => {
  assert.deepEqual(orderOf({ 0: 2, 1: null, 2: null }), [0, 2, 1]);
  assert.deepEqual(orderOf({ 0: 3, 1: null, 2: null, 3: 1 }), [0, 3, 1, 2]);
});

Deno.test("a ring can be the other way round", () => {
  assert.deepEqual(orderOf({ 0: 3, 1: 0, 2: 1, 3: 2 }), [0, 3, 2, 1]);
});

Deno.test("a wish for somebody who is not there, or for oneself, is no wish", () => {
  assert.deepEqual(orderOf({ 0: 7, 1: 1, 2: null }), [0, 1, 2]);
});

Deno.test("wishes that would make two rings are fulfilled as far as they make one", () => {
  const order = orderOf({ 0: 1, 1: 0, 2: 3, 3: 2 });
  assert.deepEqual(order.toSorted(), [0, 1, 2, 3]);
  assert.deepEqual(order, [0, 1, 2, 3]);
});

Deno.test("whatever all wish, it is one ring of all members, each with its own incarnation", () => {
  fc.assert(fc.property(anyMembers, (members) => {
    const ring = inRingOrder(members);
    const byNode = (one: RingMember, other: RingMember) => one.node - other.node;
    assert.deepEqual(ring.toSorted(byNode), members.toSorted(byNode));
  }));
});

Deno.test("all nodes make the same ring of the same members, in whatever order they heard of them", () => {
  fc.assert(fc.property(anyMembers, fc.infiniteStream(fc.nat()), (members, keys) => {
    const shuffled = members.map((member) => [keys.next().value!, member] as const)
      .sort(([one], [other]) => one - other).map(([, member]) => member);
    assert.deepEqual(inRingOrder(shuffled), inRingOrder(members));
  }));
});

Deno.test("a wish that nobody else has, in a ring where it is the only one, is fulfilled", () => {
  fc.assert(fc.property(anyMembers, fc.nat(), fc.nat(), (members, who, whom) => {
    const plain = members.map((member) => ({ ...member, next: null }));
    const [from, to] = [plain[who % plain.length]!, plain[whom % plain.length]!];
    if (from === to) return;
    const ring = inRingOrder(
      plain.map((member) => member === from ? { ...member, next: to.node } : member),
    );
    assert.equal(successors(ring).get(from.node), to.node);
  }));
});

Deno.test("wishes that make one ring are all fulfilled", () => {
  const rings = fc.uniqueArray(fc.nat(MAX_NODES - 1), { minLength: 2, maxLength: 12 });
  fc.assert(fc.property(rings, (nodes) => {
    const wishes = new Map(nodes.map((node, i) => [node, nodes[(i + 1) % nodes.length]!]));
    const members = nodes.map((node) => ({ node, incarnation: 1, next: wishes.get(node)! }));
    assert.deepEqual(successors(inRingOrder(members)), wishes);
  }));
});

Deno.test("the token goes from each member to the next, and from the last to the first", () => {
  const view = { number: 1, members: membersOf({ 0: null, 2: null, 5: null }) };
  assert.deepEqual([0, 2, 5].map((node) => successor(view, node)?.node), [2, 5, 0]);
});

Deno.test("alone, or in no view at all, there is nobody to pass it to", () => {
  assert.equal(successor({ number: 1, members: membersOf({ 3: null }) }, 3), null);
  assert.equal(successor(NO_VIEW, 3), null);
});

Deno.test("a view includes a process, and not the one that ran before it", () => {
  const view = { number: 1, members: membersOf({ 0: null, 1: null }) };
  assert.ok(includes(view, 1, 101));
  assert.equal(includes(view, 1, 100), false);
  assert.equal(includes(view, 2, 102), false);
});
