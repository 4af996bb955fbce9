/**
 * The order of one process alone: what it multicasts is written down, and what comes in is up to the
 * test.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SegmentKind } from "../../../src/protocols/frame.ts";
import { Knowledge } from "../../../src/protocols/knowledge.ts";
import { makeOrdering } from "../../../src/protocols/ordering/make_ordering.ts";
import type { Ordering, SegmentSink } from "../../../src/protocols/ordering/ordering.ts";
import {
  positionCount,
  processAt,
  seqAt,
  writePositions,
} from "../../../src/protocols/positions.ts";
import type { Order, ProcessId } from "../../../src/protocols/process.ts";
import { ReliableMulticast } from "../../../src/protocols/reliable_multicast.ts";

/** A position: a process, and the number of one of its segments. */
export type Position = readonly [process: ProcessId, seq: number];

/** A segment in short: a text is a message of one fragment, positions are what is said of the order. */
export type Said = string | readonly Position[];

/** One process of a group of which nobody else is there. */
export class LoneProcess implements SegmentSink {
  readonly ordering: Ordering;
  /** What it has multicast, the first first. */
  readonly said: Said[] = [];
  /** What it has delivered: `1:a` for the text `a` of process 1. */
  readonly delivered: string[] = [];
  readonly #self: ProcessId;
  /** The last segment that has come of each process. */
  readonly #come: number[];

  /** @param limit So many segments of one process are held back at most. */
  constructor(order: Order, self: ProcessId, size: number, limit?: number) {
    const knowledge = new Knowledge(self, size);
    const link = new RecordingLink(self, size, knowledge, SILENT);
    link.said = this.said;
    this.#self = self;
    this.#come = new Array(size).fill(0);
    this.ordering = makeOrdering(order, self, size, knowledge, link, this, limit);
  }

  deliverSegment(sender: ProcessId, kind: number, payload: Uint8Array): void {
    assert.notEqual(kind, SegmentKind.order, "what is said of the order is no message");
    this.delivered.push(`${sender}:${new TextDecoder().decode(payload)}`);
  }

  /** It multicasts messages, in one turn. */
  multicast(...texts: string[]): void {
    for (const text of texts) this.ordering.multicast(SegmentKind.last, encode(text));
    this.ordering.advance();
  }

  /** The next segments of `sender` come in, in one turn. */
  receive(sender: ProcessId, ...segments: Said[]): void {
    this.take(sender, ...segments);
    this.ordering.advance();
  }

  /** The same without the end of the turn. */
  take(sender: ProcessId, ...segments: Said[]): void {
    for (const segment of segments) {
      assert.ok(this.ordering.hasRoom(sender), `there is room for a segment of ${sender}`);
      const isText = typeof segment === "string";
      const kind = isText ? SegmentKind.last : SegmentKind.order;
      const payload = isText ? encode(segment) : writePositions(segment);
      this.ordering.accept(sender, ++this.#come[sender]!, 0, kind, payload);
    }
  }

  /** Whom it waits for. */
  get awaited(): ProcessId[] {
    const awaited: ProcessId[] = [];
    this.ordering.collectAwaited(awaited);
    assert.ok(!awaited.includes(this.#self), "nobody waits for itself");
    return awaited;
  }
}

/** Real links, and a list of what was put on them. */
class RecordingLink extends ReliableMulticast {
  said: Said[] = [];

  override multicast(time: number, kind: number, payload: Uint8Array): number {
    assert.equal(time, 0, "an order without a clock stamps nothing");
    this.said.push(kind === SegmentKind.order ? positionsOf(payload) : decode(payload));
    return super.multicast(time, kind, payload);
  }
}

const SILENT = { send() {}, multicast() {} };

/** The positions that a payload holds. */
export function positionsOf(payload: Uint8Array): Position[] {
  return Array.from(
    { length: positionCount(payload) },
    (_, i) => [processAt(payload, i), seqAt(payload, i)],
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}
