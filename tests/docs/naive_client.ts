/**
 * A process that knows only docs/PROTOCOL.md, as somebody would write it in another language: with
 * a msgpack library, and with none of mpcomm's protocol code.
 *
 * It is as simple as the page allows. It keeps everything, repeats everything that somebody lacks
 * every 50 ms, asks for no gap, and looks through all it knows for each delivery.
 *
 * @module
 */

import { decodeValue } from "../../src/wire/msgpack.ts";
import { Float, type Value, writeMsgpack } from "../wire/any_msgpack.ts";

const [HELLO, DATA] = [0, 1];
const [REPLY_WANTED, DONE] = [1, 2];
const [LAST, MORE, STOP, POSITIONS] = [0, 1, 2, 3];
const SEQUENCER = 0;
const REPEAT_MS = 50;

interface Segment {
  readonly process: number;
  readonly seq: number;
  readonly time: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

type DataDatagram = [
  version: number,
  kind: number,
  run: number,
  from: number,
  flags: number,
  clock: number,
  sent: number,
  acks: number[],
  gaps: number[],
  firstSeq: number,
  segments: [],
];

/** What the client has heard of another process, in one datagram. */
interface Heard {
  readonly clock: number;
  readonly sent: number;
  readonly acks: readonly number[];
}

/** How a client takes part. */
export interface NaiveClientOptions {
  readonly order: "fifo" | "causal" | "lamport" | "sequencer";
  readonly run: number;
  readonly self: number;
  readonly size: number;
  readonly send: (to: number, bytes: Uint8Array) => void;
  /** Takes each message, as `SENDER:TEXT`. */
  readonly deliver: (message: string) => void;
}

/** One process of a group. */
export class NaiveClient {
  readonly #options: NaiveClientOptions;
  readonly #others: number[];
  readonly #heardFrom = new Set<number>();
  readonly #ready = new Set<number>();
  readonly #done = new Set<number>();
  /** All segments accepted or multicast, by process. */
  readonly #streams: Segment[][];
  /** Those that came before their turn. */
  readonly #early: Map<number, Segment>[];
  /** All that was heard of each process. */
  readonly #heard: Heard[][];
  /** How many segments of each process have been delivered. */
  readonly #deliveredSegments: number[];
  /** In the order `causal`: what the others have been told of it. */
  readonly #told: number[];
  readonly #parts: Uint8Array[][];
  #clock = 0;
  #stops = 0;
  #repeatAt = 0;

  /** The messages delivered so far, as `SENDER:TEXT`. */
  readonly delivered: string[] = [];

  constructor(options: NaiveClientOptions) {
    this.#options = options;
    const processes = [...Array(options.size).keys()];
    this.#others = processes.filter((q) => q !== options.self);
    this.#streams = processes.map(() => []);
    this.#early = processes.map(() => new Map());
    this.#heard = processes.map(() => []);
    this.#deliveredSegments = processes.map(() => 0);
    this.#told = processes.map(() => 0);
    this.#parts = processes.map(() => []);
  }

  /** Has every process heard from every other? */
  get ready(): boolean {
    return this.#heardFrom.size === this.#others.length && this.#ready.size === this.#others.length;
  }

  /** Has every process delivered everything? */
  get complete(): boolean {
    return this.#finished && this.#done.size === this.#others.length;
  }

  /** When `tick` must be called next. */
  get deadline(): number {
    return this.#repeatAt;
  }

  /** Multicasts a text in fragments of 7 bytes. */
  multicast(message: string): void {
    if (this.#options.order === "causal") this.#tellClock();
    const payload = new TextEncoder().encode(message);
    for (let at = 0; at === 0 || at < payload.length; at += 7) {
      this.#append(at + 7 < payload.length ? MORE : LAST, payload.subarray(at, at + 7));
    }
  }

  /** Multicasts the stop marker. */
  stop(messages: number): void {
    if (this.#options.order === "causal") this.#tellClock();
    this.#append(STOP, Uint8Array.of(0, 0, messages >> 8, messages));
  }

  /** Takes a datagram in. */
  receive(bytes: Uint8Array, now: number): void {
    const datagram = decodeValue(bytes) as DataDatagram;
    const [, kind, run, from, flags] = datagram;
    if (run !== this.#options.run) return;
    this.#heardFrom.add(from);
    if (kind === HELLO) {
      if (flags & DONE) this.#ready.add(from);
      if (flags & REPLY_WANTED) this.#hello(from, 0, now, datagram[5]);
      return;
    }
    this.#ready.add(from);
    if (flags & DONE) this.#done.add(from);
    const acceptedBefore = this.#streams[from]!.length;
    const repeated = this.#receiveData(datagram);
    this.#deliver();
    if (this.#streams[from]!.length > acceptedBefore) {
      for (const q of this.#others) {
        this.#data(q);
      }
    } else if (repeated || flags & REPLY_WANTED) this.#data(from);
  }

  /** Repeats whatever somebody may have missed. */
  tick(now: number): void {
    if (now < this.#repeatAt) return;
    this.#repeatAt = now + REPEAT_MS;
    this.#deliver();
    for (const q of this.#others) {
      if (!this.ready) this.#hello(q, REPLY_WANTED, now, -1);
      else if (!this.complete) this.#data(q, REPLY_WANTED);
    }
  }

  get #finished(): boolean {
    return this.#stops === this.#options.size;
  }

  #append(kind: number, payload: Uint8Array): void {
    const { self: process, order } = this.#options;
    const stream = this.#streams[process]!;
    const time = order === "lamport" ? ++this.#clock : 0;
    stream.push({ process, seq: stream.length + 1, time, kind, payload });
    this.#repeatAt = 0;
    if (order !== "lamport") this.#deliver();
  }

  #appendPosition(process: number, seq: number): void {
    const payload = new Uint8Array(8);
    const view = new DataView(payload.buffer);
    view.setUint32(0, process);
    view.setUint32(4, seq);
    this.#append(POSITIONS, payload);
  }

  /** In the order `causal`, before a message: what has been delivered of others since the last one. */
  #tellClock(): void {
    for (const q of this.#others) {
      if (this.#deliveredSegments[q] === this.#told[q]) continue;
      this.#told[q] = this.#deliveredSegments[q]!;
      this.#appendPosition(q, this.#told[q]!);
    }
  }

  /** Returns whether there was a segment that had been accepted before. */
  #receiveData(datagram: DataDatagram): boolean {
    const [, , , from, , clock, sent, acks, , firstSeq, segments] = datagram;
    const stream = this.#streams[from]!;
    const early = this.#early[from]!;
    let repeated = false;
    for (let i = 0; 3 * i < segments.length; i++) {
      const [time, kind, payload] = segments.slice(3 * i) as unknown as [
        number,
        number,
        Uint8Array,
      ];
      const seq = firstSeq + i;
      if (seq <= stream.length) repeated = true;
      else early.set(seq, { process: from, seq, time, kind, payload });
    }
    for (let next = early.get(stream.length + 1); next; next = early.get(stream.length + 1)) {
      stream.push(next);
      early.delete(next.seq);
      if (this.#options.order === "lamport") this.#clock = Math.max(this.#clock, next.time) + 1;
    }
    this.#heard[from]!.push({ clock, sent, acks });
    return repeated;
  }

  #deliver(): void {
    const { order, self } = this.#options;
    if (order === "lamport") this.#deliverByStamp();
    else if (order === "sequencer") {
      this.#deliverByPlace();
      if (self === SEQUENCER) this.#givePlaces();
    } else this.#deliverInTurn();
  }

  #deliverByStamp(): void {
    for (;;) {
      const heads = this.#heads();
      heads.sort((a, b) => a.time - b.time || a.process - b.process);
      const [head] = heads;
      if (head === undefined || !this.#others.every((q) => this.#isPastAndHas(q, head))) return;
      this.#take(head);
    }
  }

  /** In `fifo` and `causal`: whatever waits for nothing. */
  #deliverInTurn(): void {
    for (;;) {
      const head = this.#heads().find(({ kind, payload }) =>
        kind !== POSITIONS ||
        positionsOf(payload).every(([q, seq]) => this.#deliveredSegments[q]! >= seq)
      );
      if (head === undefined) return;
      this.#take(head);
    }
  }

  /** In `sequencer`: what process 0 says. */
  #deliverByPlace(): void {
    for (;;) {
      const head = this.#streams[SEQUENCER]![this.#deliveredSegments[SEQUENCER]!];
      if (head === undefined) return;
      if (head.kind === POSITIONS) {
        for (const [p, seq] of positionsOf(head.payload)) {
          if (this.#streams[p]!.length < seq) return;
          while (this.#deliveredSegments[p]! < seq) {
            this.#take(this.#streams[p]![this.#deliveredSegments[p]!]!);
          }
        }
      }
      this.#take(head);
    }
  }

  /** At process 0: what has come of the others gets its place, and is delivered there. */
  #givePlaces(): void {
    for (const p of this.#others) {
      const accepted = this.#streams[p]!.length;
      if (accepted > this.#deliveredSegments[p]!) this.#appendPosition(p, accepted);
    }
  }

  /** The next segment of each process, where it is here. */
  #heads(): Segment[] {
    return this.#streams.flatMap((stream, p) => stream[this.#deliveredSegments[p]!] ?? []);
  }

  /** A segment is delivered. */
  #take({ process, kind, payload }: Segment): void {
    this.#deliveredSegments[process]!++;
    if (kind === POSITIONS) return;
    if (kind === STOP) {
      if (++this.#stops === this.#options.size) this.#repeatAt = 0;
      return;
    }
    const parts = this.#parts[process]!;
    parts.push(payload);
    if (kind === MORE) return;
    const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
    this.delivered.push(`${process}:${new TextDecoder().decode(whole)}`);
    this.#options.deliver(this.delivered.at(-1)!);
    parts.length = 0;
  }

  #isPastAndHas(q: number, { process, seq, time }: Segment): boolean {
    const stream = this.#streams[q]!;
    const isPast = (stream.at(-1)?.time ?? 0) >= time ||
      this.#heard[q]!.some(({ clock, sent }) => clock >= time && sent <= stream.length);
    return isPast && (q === process || this.#acknowledged(q, process) >= seq);
  }

  /** The highest segment of `process` that q has ever acknowledged. */
  #acknowledged(q: number, process: number): number {
    return Math.max(0, ...this.#heard[q]!.map(({ acks }) => acks[process]!));
  }

  #hello(to: number, flags: number, now: number, echo: number): void {
    const heardAll = this.#heardFrom.size === this.#others.length;
    this.#send(to, HELLO, flags | (heardAll ? DONE : 0), [new Float(now), new Float(echo)]);
  }

  /** Sends everything that q lacks. */
  #data(q: number, flags = 0): void {
    const own = this.#streams[this.#options.self]!;
    const first = this.#acknowledged(q, this.#options.self) + 1;
    this.#send(q, DATA, flags | (this.#finished ? DONE : 0), [
      this.#clock,
      own.length,
      this.#streams.map((stream) => stream.length),
      [],
      first,
      own.slice(first - 1).flatMap(({ time, kind, payload }) => [time, kind, payload]),
    ]);
  }

  #send(to: number, kind: number, flags: number, rest: readonly Value[]): void {
    const { run, self, send } = this.#options;
    send(to, writeMsgpack([1, kind, run, self, flags, ...rest]));
  }
}

/** The pairs of numbers that a segment of kind 3 holds. */
function positionsOf(payload: Uint8Array): [process: number, seq: number][] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return Array.from(
    { length: payload.length / 8 },
    (_, i) => [view.getUint32(8 * i), view.getUint32(8 * i + 4)],
  );
}
