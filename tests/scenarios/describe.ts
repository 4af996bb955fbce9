/**
 * Datagrams and messages in the words of the glossary.
 *
 * @module
 */

import {
  Frame,
  FrameFlag,
  FrameKind,
  highestSegmentKind,
  SegmentKind,
} from "../../src/protocols/frame.ts";
import { positionCount, processAt, seqAt } from "../../src/protocols/positions.ts";
import type { Millis, Order, ProcessId } from "../../src/protocols/process.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import type { GroupSettings } from "./member.ts";

/** A payload is shown as text up to this length, and by its length beyond. */
const MAX_TEXT_BYTES = 20;

/** A payload: short printable ones as text, others by their length. */
export function describePayload(payload: Uint8Array): string {
  const text = new TextDecoder().decode(payload);
  if (payload.length > MAX_TEXT_BYTES || !/^[ -~]*$/.test(text)) return `${payload.length} bytes`;
  return `"${text}"`;
}

/** A time or a span of it: `12.5 ms`. */
export function describeMs(ms: Millis): string {
  return `${Math.round(ms * 10) / 10} ms`;
}

/** What a datagram says, as its receiver `to` reads it. */
export function describeDatagram(
  bytes: Uint8Array,
  to: ProcessId,
  { run, size, order }: GroupSettings,
): string {
  const frame = new Frame(size);
  const reading = new DatagramReader(run, to, size, highestSegmentKind(order)).read(bytes, frame);
  if (reading !== "frame") return reading === "malformed" ? "malformed" : "of another run";
  switch (frame.kind) {
    case FrameKind.hello:
      return describeHello(frame);
    case FrameKind.loose:
      return describeLoose(frame);
    default:
      return describeData(frame, order);
  }
}

function describeHello({ flags }: Frame): string {
  const said = flags & FrameFlag.done ? "hello, I have heard from all" : "hello";
  return flags & FrameFlag.replyWanted ? `${said}; and you?` : said;
}

function describeLoose({ looseSeq, fragment, fragments, payloads }: Frame): string {
  const part = fragments === 1 ? "" : ` fragment ${fragment + 1} of ${fragments}`;
  return `message ${looseSeq}${part} ${describePayload(payloads[0]!)}`;
}

/** `segment 1 "a" ⟨1,0⟩ | clock 1, sent 1, has [1 0 0], asks for 3 to 4, answer wanted` */
function describeData(frame: Frame, order: Order): string {
  const parts = [`clock ${frame.clock}`, `sent ${frame.sent}`, `has [${frame.acks.join(" ")}]`];
  for (let i = 0; i + 1 < frame.gaps.length; i += 2) {
    parts.push(`asks for ${describeRange(frame.gaps[i]!, frame.gaps[i + 1]!)}`);
  }
  if (frame.flags & FrameFlag.done) parts.push("finished");
  if (frame.flags & FrameFlag.replyWanted) parts.push("answer wanted");
  const knowledge = parts.join(", ");
  if (frame.times.length === 0) return knowledge;
  return `${frame.times.map((_, i) => describeSegment(frame, i, order)).join(", ")} | ${knowledge}`;
}

function describeRange(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}

function describeSegment(frame: Frame, i: number, order: Order): string {
  const payload = frame.payloads[i]!;
  const stamp = `⟨${frame.times[i]},${frame.from}⟩`;
  const segment = `segment ${frame.firstSeq + i}`;
  switch (frame.kinds[i]) {
    case SegmentKind.stop: {
      const count = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      return `${segment} stop after ${count} ${stamp}`;
    }
    case SegmentKind.order:
      return `${segment} ${describePositions(payload, order)} ${stamp}`;
    case SegmentKind.more:
      return `${segment} ${describePayload(payload)}, more to come ${stamp}`;
    default:
      return `${segment} ${describePayload(payload)} ${stamp}`;
  }
}

/** `after 1 of 0, 4 of 2` is a vector clock, `next up to 1 of 2` the sequencer's word. */
function describePositions(payload: Uint8Array, order: Order): string {
  const positions = Array.from(
    { length: positionCount(payload) },
    (_, i) => `${seqAt(payload, i)} of ${processAt(payload, i)}`,
  );
  return `${order === "causal" ? "after" : "next up to"} ${positions.join(", ")}`;
}
