/**
 * Datagrams that nobody of the group sent.
 *
 * @module
 */

import { Frame, FrameKind, highestSegmentKind } from "../../src/protocols/frame.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { DatagramWriter } from "../../src/wire/datagram_writer.ts";
import { wholeNumber } from "./arguments.ts";
import type { GroupSettings } from "./member.ts";
import type { Datagram } from "./world.ts";

/** What can be forged, and how the value gets into a data frame. */
const FIELDS: Readonly<Record<string, (frame: Frame, value: string) => void>> = {
  clock: (frame, value) => frame.clock = any(value),
  sent: (frame, value) => frame.sent = any(value),
  time: (frame, value) => frame.times[0] = any(value),
  segment: (frame, value) => frame.firstSeq = any(value),
  has: (frame, value) =>
    frame.acks.set(value.split(",").map((ack) => wholeNumber(ack, 0, 2 ** 32))),
};

/** The bytes of `datagram` with some fields changed, such as `clock=7` or `has=1,0,0`.
 *
 * @throws {SyntaxError} There is no such field.
 * @throws {TypeError} It is no datagram of this run with data in it. */
export function forge(
  { bytes, to }: Datagram,
  changes: readonly string[],
  { run, size, order }: GroupSettings,
): Uint8Array {
  const frame = new Frame(size);
  const reading = new DatagramReader(run, to, size, highestSegmentKind(order)).read(bytes, frame);
  if (reading !== "frame" || frame.kind !== FrameKind.data) {
    throw new TypeError("Only a datagram with data in it can be forged");
  }
  for (const change of changes) {
    const [name = "", value = ""] = change.split("=");
    const set = FIELDS[name];
    if (set === undefined) throw new SyntaxError(`There is no field ${name} to forge`);
    set(frame, value);
  }
  let forged = bytes;
  new DatagramWriter(run, bytes.length + 64).write(frame, (written) => forged = written.slice());
  return forged;
}

function any(value: string): number {
  const power = value.match(/^2\^(\d+)$/);
  return power ? 2 ** Number(power[1]) : wholeNumber(value, 0, Number.MAX_SAFE_INTEGER);
}
