/**
 * Datagrams for tests: written by the writer, or made from the array that docs/PROTOCOL.md
 * describes.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  Frame,
  FrameKind,
  MAX_FRAGMENTS,
  MAX_GAPS,
  MAX_POSITIONS,
  MAX_SEQ,
  MAX_TIME,
  SegmentKind,
} from "../../src/protocols/frame.ts";
import { positionCount, processAt } from "../../src/protocols/positions.ts";
import type { ProcessId } from "../../src/protocols/process.ts";
import { DatagramReader, type Reading } from "../../src/wire/datagram_reader.ts";
import { DatagramWriter } from "../../src/wire/datagram_writer.ts";
import { Float, type Value } from "./any_msgpack.ts";

/** The run of all datagrams here, of 48 bits. */
export const RUN = 0x1234_5678_9abc;
/** The group of most datagrams here has so many processes. */
export const SIZE = 3;
/** Who reads them. */
export const SELF: ProcessId = 0;

/** Text as a payload. */
export function text(payload: string): Uint8Array {
  return new TextEncoder().encode(payload);
}

/** The payload of a stop marker. */
export function stopPayload(messages: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, messages);
  return payload;
}

/** A segment: stamp, kind, payload. */
export type Segment = readonly [time: number, kind: number, payload: Uint8Array];

/** The fields of a data frame. */
export interface DataFields {
  readonly from?: ProcessId;
  readonly flags?: number;
  readonly clock?: number;
  readonly sent?: number;
  readonly acks?: readonly number[];
  readonly gaps?: readonly number[];
  readonly firstSeq?: number;
  readonly segments?: readonly Segment[];
}

/** A data frame. Its clock is the last segment's stamp unless said otherwise. */
export function dataFrame(fields: DataFields = {}): Frame {
  const acks = fields.acks ?? [0, 0, 0];
  const frame = new Frame(acks.length);
  frame.kind = FrameKind.data;
  frame.from = fields.from ?? 1;
  frame.flags = fields.flags ?? 0;
  frame.clock = fields.clock ?? fields.segments?.at(-1)?.[0] ?? 0;
  frame.firstSeq = fields.firstSeq ?? 1;
  frame.sent = fields.sent ?? frame.firstSeq - 1 + (fields.segments?.length ?? 0);
  frame.acks.set(acks);
  frame.gaps.push(...fields.gaps ?? []);
  for (const segment of fields.segments ?? []) frame.push(...segment);
  return frame;
}

/** A hello frame. */
export function helloFrame(at: number, echo: number, flags = 0, from: ProcessId = 1): Frame {
  const frame = new Frame(SIZE);
  frame.kind = FrameKind.hello;
  Object.assign(frame, { from, flags, at, echo });
  return frame;
}

/** A loose frame. */
export function looseFrame(
  looseSeq: number,
  payload: Uint8Array,
  fragment = 0,
  fragments = 1,
): Frame {
  const frame = new Frame(SIZE);
  frame.kind = FrameKind.loose;
  Object.assign(frame, { from: 1, looseSeq, fragment, fragments });
  frame.payloads.push(payload);
  return frame;
}

/** The datagrams that a frame takes. */
export function datagramsOf(frame: Frame, maxDatagramBytes = 1400, run = RUN): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  new DatagramWriter(run, maxDatagramBytes).write(frame, (bytes) => datagrams.push(bytes.slice()));
  return datagrams;
}

/** The array that a frame of one datagram is, as docs/PROTOCOL.md describes it. */
export function documentedArray(frame: Frame, run = RUN): Value[] {
  const head = [1, frame.kind, run, frame.from, frame.flags];
  if (frame.kind === FrameKind.hello) {
    return [...head, new Float(frame.at), new Float(frame.echo)];
  }
  if (frame.kind === FrameKind.loose) {
    return [...head, frame.looseSeq, frame.fragment, frame.fragments, frame.payloads[0]!];
  }
  const segments = frame.times.flatMap((time, i) => [time, frame.kinds[i]!, frame.payloads[i]!]);
  const { clock, sent, acks, gaps, firstSeq } = frame;
  return [...head, clock, sent, [...acks], [...gaps], firstSeq, segments];
}

/** The same with floats as bare numbers: what a library decodes. */
export function decoded(value: Value): unknown {
  if (value instanceof Float) return value.value;
  return Array.isArray(value) ? value.map(decoded) : value;
}

/** Who reads, and what. */
export interface ReaderOptions {
  readonly run?: number;
  readonly self?: ProcessId;
  readonly size?: number;
  /** The highest kind of a segment in the order of the run; no order's positions unless said. */
  readonly highestKind?: number;
}

/** Reads a datagram; a frame that was found has been checked for fields out of range. */
export function read(bytes: Uint8Array, options: ReaderOptions = {}): [Reading, Frame] {
  const { run = RUN, self = SELF, size = SIZE, highestKind = SegmentKind.stop } = options;
  const frame = new Frame(size);
  const reading = new DatagramReader(run, self, size, highestKind).read(bytes, frame);
  if (reading === "frame") assertInRange(frame, self, size, highestKind);
  return [reading, frame];
}

/** The fields that count for this kind of frame. */
export function fieldsOf(frame: Frame): unknown {
  return decoded(documentedArray(frame, 0));
}

/** A frame that was read holds nothing that a protocol would have to check again. */
export function assertInRange(
  frame: Frame,
  self: ProcessId,
  size: number,
  highestKind: number = SegmentKind.stop,
): void {
  assertInteger(frame.from, 0, size - 1);
  assert.notEqual(frame.from, self);
  assertInteger(frame.flags, 0, 3);
  assertInteger(frame.kind, 0, 2);
  if (frame.kind === FrameKind.hello) {
    assert.ok(Number.isFinite(frame.at) && Number.isFinite(frame.echo));
    assert.equal(frame.payloads.length, 0);
  } else if (frame.kind === FrameKind.loose) {
    assertInteger(frame.looseSeq, 1, MAX_SEQ);
    assertInteger(frame.fragments, 1, MAX_FRAGMENTS);
    assertInteger(frame.fragment, 0, frame.fragments - 1);
    assert.equal(frame.payloads.length, 1);
  } else {
    assertDataInRange(frame, size, highestKind);
  }
}

function assertDataInRange(frame: Frame, size: number, highestKind: number): void {
  assertInteger(frame.clock, 0, MAX_TIME);
  assertInteger(frame.sent, 0, MAX_SEQ);
  assert.equal(frame.acks.length, size);
  assertInteger(frame.gaps.length / 2, 0, MAX_GAPS);
  for (let i = 0; i < frame.gaps.length; i += 2) {
    assertInteger(frame.gaps[i]!, 1, frame.gaps[i + 1]!);
    assertInteger(frame.gaps[i + 1]!, 1, MAX_SEQ);
  }
  const count = frame.times.length;
  assert.equal(frame.kinds.length, count);
  assert.equal(frame.payloads.length, count);
  if (count > 0) assertInteger(frame.firstSeq, 1, frame.sent - count + 1);
  for (let i = 0; i < count; i++) {
    assertInteger(frame.times[i]!, frame.times[i - 1] ?? 0, frame.clock);
    assertInteger(frame.kinds[i]!, 0, highestKind);
    assert.ok(frame.payloads[i] instanceof Uint8Array);
    if (frame.kinds[i] === SegmentKind.stop) assert.equal(frame.payloads[i]!.length, 4);
    if (frame.kinds[i] === SegmentKind.order) assertPositionsInRange(frame.payloads[i]!, size);
  }
}

function assertPositionsInRange(payload: Uint8Array, size: number): void {
  const count = positionCount(payload);
  assertInteger(count, 1, MAX_POSITIONS);
  for (let i = 0; i < count; i++) assertInteger(processAt(payload, i), 0, size - 1);
}

function assertInteger(value: number, min: number, max: number): void {
  assert.ok(Number.isInteger(value) && value >= min && value <= max, `${value} in ${min}..${max}`);
}
