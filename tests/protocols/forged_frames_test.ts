/**
 * A stranger who knows the number of a run can do harm, since nothing is authenticated yet; but no
 * frame that passes the reader makes a process fail.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Frame,
  FrameFlag,
  FrameKind,
  MAX_SEQ,
  MAX_TIME,
  SegmentKind,
} from "../../src/protocols/frame.ts";
import { GroupProcess } from "../../src/protocols/group_process.ts";
import { writePositions } from "../../src/protocols/positions.ts";
import type { Order, ProcessId } from "../../src/protocols/process.ts";

const SILENT = { send() {}, multicast() {}, multicasted() {}, received() {}, deliver() {} };

function readyProcess(order: Order): GroupProcess {
  const process = new GroupProcess({ self: 0, size: 2, order, fragmentBytes: 1000 }, SILENT);
  const hello = new Frame(2);
  Object.assign(hello, { kind: FrameKind.hello, from: 1, flags: FrameFlag.done });
  process.receive(hello, 0);
  assert.ok(process.ready);
  return process;
}

function loose(fragment: number, fragments: number): Frame {
  const frame = new Frame(2);
  Object.assign(frame, { kind: FrameKind.loose, from: 1, looseSeq: 1, fragment, fragments });
  frame.payloads.push(Uint8Array.of(1));
  return frame;
}

Deno.test("fragments that contradict each other are not put together", () => {
  const process = readyProcess("none");
  process.receive(loose(5, 6), 1);
  process.receive(loose(0, 2), 2);
  process.receive(loose(1, 2), 3);
  assert.equal(process.deliveredCount, 0);
});

Deno.test("a clock near the highest possible is refused, and the group goes on", () => {
  const process = readyProcess("lamport");
  const frame = new Frame(2);
  Object.assign(frame, { from: 1, sent: 1, clock: MAX_TIME, firstSeq: 1 });
  frame.push(MAX_TIME, 0, Uint8Array.of(1));
  assert.equal(process.receive(frame, 1), false);
  Object.assign(frame, { clock: 7 });
  frame.times[0] = 7;
  assert.equal(process.receive(frame, 2), true);
});

Deno.test("a stop marker that names another number of messages is counted", () => {
  const process = readyProcess("lamport");
  const frame = new Frame(2);
  Object.assign(frame, { from: 1, sent: 1, clock: 1, firstSeq: 1 });
  frame.push(1, 2, Uint8Array.of(0, 0, 0, 9));
  process.receive(frame, 1);
  process.tick(1);
  assert.equal(process.inconsistencies, 1);
});

// --- what is said of the order, by somebody who shouldn't or couldn't

type Positions = readonly (readonly [process: ProcessId, seq: number])[];

/** Process 1 of three that are ready; what comes in of 0 and 2 is up to the test. */
class Besieged {
  readonly process: GroupProcess;
  readonly delivered: string[] = [];
  readonly #sent = [0, 0, 0];
  #now = 1;

  constructor(order: Order) {
    const deliver = (sender: ProcessId, seq: number) =>
      void this.delivered.push(`${sender}:${seq}`);
    const outbox = { ...SILENT, deliver };
    this.process = new GroupProcess({ self: 1, size: 3, order, fragmentBytes: 1000 }, outbox);
    for (const from of [0, 2]) {
      const hello = new Frame(3);
      Object.assign(hello, { kind: FrameKind.hello, from, flags: FrameFlag.done });
      this.process.receive(hello, 0);
    }
    this.#tick();
    assert.ok(this.process.ready);
  }

  /** It multicasts a message. */
  multicast(): void {
    this.process.multicast(Uint8Array.of(1), this.#now);
    this.#tick();
  }

  /** The next segment of `from` comes: a message, or positions. */
  receive(from: ProcessId, positions?: Positions): void {
    const seq = ++this.#sent[from]!;
    const frame = new Frame(3);
    Object.assign(frame, { from, sent: seq, firstSeq: seq });
    if (positions === undefined) frame.push(0, SegmentKind.last, Uint8Array.of(1));
    else frame.push(0, SegmentKind.order, writePositions(positions));
    assert.equal(this.process.receive(frame, this.#now), true);
    this.#tick();
  }

  #tick(): void {
    this.process.tick(this.#now);
    assert.ok(this.process.deadline > this.#now, "a turn comes to its end");
    for (const p of this.process.waitingFor) assert.notEqual(p, 1, "nobody waits for itself");
    this.#now++;
  }
}

Deno.test("sequencer: what another one than the sequencer says of the order is passed over", () => {
  const besieged = new Besieged("sequencer");
  besieged.multicast();
  besieged.receive(2, [[1, 1], [2, 1]]);
  besieged.receive(2);
  assert.deepEqual(besieged.delivered, []);
  besieged.receive(0, [[2, 2], [1, 1]]);
  assert.deepEqual(besieged.delivered, ["2:1", "1:1"]);
});

Deno.test("sequencer: places that go back, or come twice, let nothing be delivered again", () => {
  const besieged = new Besieged("sequencer");
  for (let i = 0; i < 3; i++) besieged.receive(2);
  besieged.receive(0, [[2, 2], [2, 2], [2, 1], [2, 0]]);
  besieged.receive(0, [[2, 1]]);
  assert.deepEqual(besieged.delivered, ["2:1", "2:2"]);
  besieged.receive(0, [[2, 3]]);
  assert.deepEqual(besieged.delivered, ["2:1", "2:2", "2:3"]);
});

Deno.test("sequencer: a place of the sequencer's own is passed over", () => {
  const besieged = new Besieged("sequencer");
  besieged.receive(0, [[0, 1], [0, MAX_SEQ]]);
  besieged.receive(0);
  assert.deepEqual(besieged.delivered, ["0:1"]);
  // So it is where it names what waits behind it.
  besieged.receive(0, [[2, 1]]);
  besieged.receive(0, [[0, 5]]);
  besieged.receive(0);
  besieged.receive(0);
  besieged.receive(2);
  assert.deepEqual(besieged.delivered, ["0:1", "2:1", "0:2", "0:3"]);
});

Deno.test("sequencer: a place of what was never multicast holds up what comes behind it", () => {
  for (const positions of [[[1, 2]], [[2, MAX_SEQ]]] satisfies Positions[]) {
    const besieged = new Besieged("sequencer");
    besieged.multicast();
    besieged.receive(2);
    besieged.receive(0, positions);
    besieged.receive(0);
    assert.deepEqual(besieged.delivered, positions[0]![0] === 1 ? ["1:1"] : ["2:1"]);
    assert.deepEqual(besieged.process.waitingFor, positions[0]![0] === 1 ? [] : [2]);
  }
});

Deno.test("causal: a clock beyond everything holds up its own sender alone", () => {
  for (const p of [0, 1, 2]) {
    const besieged = new Besieged("causal");
    besieged.receive(2, [[p, MAX_SEQ]]);
    besieged.receive(2);
    besieged.receive(0);
    besieged.multicast();
    assert.deepEqual(besieged.delivered, ["0:1", "1:1"]);
    assert.deepEqual(besieged.process.waitingFor, p === 0 ? [0] : []);
  }
});

Deno.test("causal: a clock that goes back, or says the same twice, changes nothing", () => {
  const besieged = new Besieged("causal");
  besieged.receive(0);
  besieged.receive(0);
  besieged.receive(2, [[0, 2], [0, 2], [0, 1], [0, 0]]);
  besieged.receive(2, [[0, 1]]);
  besieged.receive(2);
  assert.deepEqual(besieged.delivered, ["0:1", "0:2", "2:1"]);
});

for (const order of ["causal", "sequencer"] as const) {
  Deno.test(`${order}: whatever is said of the order, each message comes once and in its turn`, () => {
    const seq = fc.oneof(fc.nat(12), fc.constant(MAX_SEQ));
    const positions = fc.array(fc.tuple(fc.nat(2), seq), { minLength: 1, maxLength: 4 });
    const step = fc.tuple(fc.nat(2), fc.option(positions, { nil: undefined }));
    let [delivered, steps] = [0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (siege) => {
        const besieged = new Besieged(order);
        for (const [from, said] of siege) {
          if (from === 1) besieged.multicast();
          else besieged.receive(from, said);
        }
        const last = [0, 0, 0];
        for (
          const [sender, seq] of besieged.delivered.map((entry) => entry.split(":").map(Number))
        ) {
          assert.equal(seq, ++last[sender!]!);
        }
        delivered += besieged.delivered.length;
        steps += siege.length;
      }),
      { numRuns: 2000 },
    );
    assert.ok(delivered > steps / 10, `${delivered} deliveries in ${steps} steps`);
  });
}
