/**
 * A stranger who knows the number of a run can do harm, since nothing is authenticated yet; but no
 * frame that passes the reader makes a process fail.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Frame, FrameFlag, FrameKind, MAX_TIME } from "../../src/protocols/frame.ts";
import { GroupProcess } from "../../src/protocols/group_process.ts";
import type { Order } from "../../src/protocols/process.ts";

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
