/**
 * One test for each claim of the papers that the order of a fixed sequencer rests on.
 *
 * - BSS: Kenneth Birman, André Schiper, Pat Stephenson: Lightweight Causal and Atomic Group Multicast.
 *   ACM Transactions on Computer Systems 9(3), August 1991, section 6.2.
 * - BB: M. Frans Kaashoek, Andrew Tanenbaum, Susan Flynn Hummel, Henri Bal: An Efficient Reliable
 *   Broadcast Protocol. Operating Systems Review 23(4), October 1989: everybody broadcasts its messages
 *   itself, and the sequencer broadcasts what place they have.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_POSITIONS } from "../../../src/protocols/frame.ts";
import { SEQUENCER } from "../../../src/protocols/ordering/sequencer.ts";
import { LoneProcess, type Position, type Said } from "./lone_process.ts";

Deno.test("BB: a message is multicast by its sender, and the sequencer says its place alone", () => {
  const sequencer = new LoneProcess("sequencer", SEQUENCER, 3);
  sequencer.receive(1, "a");
  assert.deepEqual(sequencer.said, [[[1, 1]]]);
  assert.deepEqual(sequencer.delivered, ["1:a"]);
});

Deno.test("BB: nobody delivers before the sequencer has said the place, not even its own", () => {
  const process = new LoneProcess("sequencer", 1, 3);
  process.multicast("a");
  process.receive(2, "b");
  assert.deepEqual(process.said, ["a"]);
  assert.deepEqual(process.delivered, []);
  assert.deepEqual(process.awaited, [SEQUENCER]);
  process.receive(SEQUENCER, [[2, 1]], [[1, 1]]);
  assert.deepEqual(process.delivered, ["2:b", "1:a"]);
  assert.deepEqual(process.awaited, []);
});

Deno.test("BB: the sequencer's own messages need no place beside the one in its stream", () => {
  const sequencer = new LoneProcess("sequencer", SEQUENCER, 3);
  sequencer.multicast("a");
  sequencer.receive(1, "b");
  sequencer.multicast("c");
  assert.deepEqual(sequencer.said, ["a", [[1, 1]], "c"]);
  assert.deepEqual(sequencer.delivered, ["0:a", "1:b", "0:c"]);

  const process = new LoneProcess("sequencer", 2, 3);
  process.receive(1, "b");
  process.receive(SEQUENCER, ...sequencer.said);
  assert.deepEqual(process.delivered, sequencer.delivered);
});

Deno.test("BB: a place that is said before its message waits, and all behind it", () => {
  const process = new LoneProcess("sequencer", 2, 3);
  process.receive(SEQUENCER, [[1, 2]], "a");
  assert.deepEqual(process.awaited, [1]);
  process.receive(1, "b");
  assert.deepEqual(process.delivered, ["1:b"], "the first of two has its place already");
  assert.deepEqual(process.awaited, [1]);
  process.receive(1, "c");
  assert.deepEqual(process.delivered, ["1:b", "1:c", "0:a"]);
  assert.deepEqual(process.awaited, []);
});

Deno.test("BB: what comes later than the place that was said waits for its own", () => {
  const process = new LoneProcess("sequencer", 2, 3);
  process.receive(1, "a", "b");
  process.receive(SEQUENCER, [[1, 1]]);
  assert.deepEqual(process.delivered, ["1:a"]);
  process.receive(SEQUENCER, "c", [[1, 2]]);
  assert.deepEqual(process.delivered, ["1:a", "0:c", "1:b"]);
});

Deno.test("BB: a place names segments by number, so that the same said twice changes nothing", () => {
  const process = new LoneProcess("sequencer", 2, 3);
  process.receive(1, "a", "b");
  process.receive(SEQUENCER, [[1, 1]], [[1, 1]], [[1, 2]], [[1, 1]]);
  assert.deepEqual(process.delivered, ["1:a", "1:b"]);
});

Deno.test("BSS 6.2: one word of the sequencer places all that one turn brought", () => {
  const sequencer = new LoneProcess("sequencer", SEQUENCER, 4);
  sequencer.take(2, "a", "b");
  sequencer.take(1, "c");
  sequencer.take(2, "d");
  assert.deepEqual(sequencer.delivered, [], "a turn is not over before its end");
  sequencer.ordering.advance();
  assert.deepEqual(sequencer.said, [[[1, 1], [2, 3]]]);
  assert.deepEqual(sequencer.delivered, ["1:c", "2:a", "2:b", "2:d"]);
  sequencer.ordering.advance();
  assert.equal(sequencer.said.length, 1, "and with nothing new it says nothing");
});

Deno.test("BSS 6.2: of more processes than a segment has room for, it speaks in several", () => {
  const size = MAX_POSITIONS + 3;
  const sequencer = new LoneProcess("sequencer", SEQUENCER, size);
  const process = new LoneProcess("sequencer", 1, size);
  for (let p = size - 1; p > 0; p--) sequencer.take(p, `${p}`);
  sequencer.ordering.advance();
  const sizes = (sequencer.said as Position[][]).map(({ length }) => length);
  assert.deepEqual(sizes, [MAX_POSITIONS, size - 1 - MAX_POSITIONS]);

  process.multicast("1");
  for (let p = size - 1; p > 1; p--) process.take(p, `${p}`);
  process.receive(SEQUENCER, ...sequencer.said);
  assert.deepEqual(process.delivered, sequencer.delivered);
});

Deno.test("everybody delivers what the sequencer does, in its order, whatever comes when", () => {
  const [SIZE, SELF] = [4, 2];
  const event = fc.tuple(fc.nat(SIZE - 1), fc.boolean());
  fc.assert(fc.property(
    fc.array(event, { maxLength: 40 }),
    fc.infiniteStream(fc.nat()),
    (events, choices) => {
      const sequencer = new LoneProcess("sequencer", SEQUENCER, SIZE);
      const streams: Said[][] = [sequencer.said, [], [], []];
      const process = new LoneProcess("sequencer", SELF, SIZE);
      for (const [i, [p, isEndOfTurn]] of events.entries()) {
        if (p === SEQUENCER) sequencer.ordering.multicast(0, new TextEncoder().encode(`m${i}`));
        else streams[p]!.push(`m${i}`);
        if (p === SELF) process.multicast(`m${i}`);
        if (p !== SEQUENCER) sequencer.take(p, `m${i}`);
        if (isEndOfTurn) sequencer.ordering.advance();
      }
      sequencer.ordering.advance();

      const next = streams.map(() => 0);
      for (;;) {
        const waiting = streams.flatMap((stream, p) =>
          p !== SELF && next[p]! < stream.length ? [p] : []
        );
        if (waiting.length === 0) break;
        const p = waiting[choices.next().value! % waiting.length]!;
        process.receive(p, streams[p]![next[p]!++]!);
        const { delivered } = process;
        assert.deepEqual(delivered, sequencer.delivered.slice(0, delivered.length));
      }
      assert.equal(process.delivered.length, events.length);
      assert.deepEqual(process.awaited, []);
    },
  ));
});

// --- limits

Deno.test("who has too much of its own without a place must wait before it multicasts more", () => {
  const process = new LoneProcess("sequencer", 1, 2, 8);
  assert.ok(process.ordering.writable);
  process.multicast("a", "b", "c", "d");
  assert.equal(process.ordering.writable, false, "half is kept for the fragments of one message");
  assert.equal(process.ordering.room, 4);
  process.receive(SEQUENCER, [[1, 1]]);
  assert.ok(process.ordering.writable);
});

Deno.test("the sequencer never waits for a place, and multicasts as much as the links take", () => {
  const sequencer = new LoneProcess("sequencer", SEQUENCER, 2, 8);
  for (let i = 0; i < 100; i++) sequencer.multicast("a");
  assert.equal(sequencer.delivered.length, 100);
  assert.ok(sequencer.ordering.writable);
});

Deno.test("what is held back of a process is bounded, and what comes next always has room", () => {
  const process = new LoneProcess("sequencer", 2, 3, 4);
  process.receive(1, "a", "b", "c", "d");
  assert.equal(process.ordering.hasRoom(1), false);
  assert.equal(process.ordering.hasRoom(SEQUENCER), true);
  // The place of five segments, of which the last can come only when the others have gone.
  process.receive(SEQUENCER, [[1, 5]]);
  assert.deepEqual(process.delivered, ["1:a", "1:b", "1:c", "1:d"]);
  assert.equal(process.ordering.hasRoom(1), true);
  process.receive(1, "e");
  assert.equal(process.delivered.at(-1), "1:e");
});

Deno.test("alone, the sequencer delivers at once and says nothing of the order", () => {
  const process = new LoneProcess("sequencer", SEQUENCER, 1);
  process.multicast("a");
  assert.deepEqual(process.delivered, ["0:a"]);
  assert.deepEqual(process.said, ["a"]);
  assert.deepEqual(process.awaited, []);
});
