/**
 * The world of a scenario: a group in virtual time, and a network that does what it is told.
 *
 * A datagram that was sent is under way until a command lets it arrive or be lost. Virtual time
 * passes only by `tick` and `run`.
 *
 * @module
 */

import type { Run } from "../../src/history/run.ts";
import { assert } from "../../src/protocols/assert.ts";
import type { Millis, ProcessId } from "../../src/protocols/process.ts";
import { describeDatagram } from "./describe.ts";
import { type GroupSettings, Member } from "./member.ts";

/** How long a datagram takes while `run` lets them all arrive. */
const DELAY_MS = 10;

/** A datagram that has been sent and has not arrived. */
export interface Datagram {
  readonly number: number;
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly bytes: Uint8Array;
  readonly sentAt: Millis;
  /** `run` leaves it under way. */
  held: boolean;
}

/** Something that happened. A deed is worth telling in any summary, a detail is not. */
export interface Note {
  readonly at: Millis;
  readonly weight: "deed" | "detail";
  readonly text: string;
}

/** Everything that a scenario's commands act on. */
export class World {
  now: Millis = 0;
  settings: GroupSettings;
  members: Member[];
  underWay: Datagram[] = [];
  /** Links that lose everything, as `0>1`. */
  readonly blocked = new Set<string>();
  #notes: Note[] = [];
  #payloads = new Map<string, Uint8Array>();
  #numbered = 0;
  #arrived = 0;

  constructor(settings: GroupSettings) {
    this.settings = settings;
    this.members = [];
    this.begin(settings);
  }

  /** A new group takes the place of the old one; what is under way stays so. */
  begin(settings: GroupSettings): void {
    this.settings = settings;
    this.#payloads = new Map();
    this.members = [];
    for (let p = 0; p < settings.size; p++) this.members.push(new Member(this, p, settings));
  }

  /** How many datagrams have reached a process so far. */
  get arrived(): number {
    return this.#arrived;
  }

  /** The journals as the checkers want them. */
  get run(): Run {
    return {
      processes: this.members.length,
      journals: new Map(this.members.map(({ self, journal }) => [self, journal])),
      incomplete: new Set(
        this.members.flatMap(({ self, process }) => process.complete ? [] : [self]),
      ),
    };
  }

  /** What has happened since this was asked last. */
  takeNotes(): Note[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  note(weight: Note["weight"], text: string): void {
    this.#notes.push({ at: this.now, weight, text });
  }

  /** What `sender` multicast as its message `seq`.
   *
   * @throws {RangeError} It multicast no such message. */
  payloadOf(sender: ProcessId, seq: number): Uint8Array {
    const payload = this.#payloads.get(`${sender}:${seq}`);
    if (payload === undefined) throw new RangeError(`Nobody has multicast ${sender}:${seq}`);
    return payload;
  }

  /** A process multicasts all `payloads` in one turn. */
  multicast(member: Member, payloads: readonly Uint8Array[]): void {
    for (const payload of payloads) {
      // Noted first: a process may deliver its own message at once.
      this.#payloads.set(`${member.self}:${member.process.multicastCount + 1}`, payload);
      member.process.multicast(payload, this.now);
    }
    this.endTurn([member]);
  }

  /** Puts copies of a datagram on their way. */
  transmit(from: ProcessId, to: readonly ProcessId[], bytes: Uint8Array): void {
    if (to.length === 0) return; // a group of one
    const copies = to.map((q) => {
      const number = ++this.#numbered;
      if (this.blocked.has(`${from}>${q}`)) return `#${number} to ${q} (lost)`;
      this.underWay.push({ number, from, to: q, bytes, sentAt: this.now, held: false });
      return `#${number} to ${q}`;
    });
    const said = describeDatagram(bytes, to[0]!, this.settings);
    this.note("detail", `${from} sends ${copies.join(", ")}: ${said}`);
  }

  /** Puts other bytes on the way of `datagram`. Returns their number. */
  copy(datagram: Datagram, bytes: Uint8Array): number {
    const number = ++this.#numbered;
    this.underWay.push({ ...datagram, number, bytes, sentAt: this.now, held: false });
    return number;
  }

  /** Numbers start at 1 again; only while nothing is under way. */
  renumber(): void {
    if (this.underWay.length === 0) this.#numbered = 0;
  }

  /** A datagram arrives, and its receiver's turn ends. */
  receive(datagram: Datagram): void {
    this.#reach(datagram);
    const receiver = this.members[datagram.to];
    if (receiver !== undefined) this.endTurn([receiver]);
  }

  /** These processes do what is due. */
  endTurn(members: readonly Member[]): void {
    for (const { self, health, process } of members) {
      if (health !== "up" || process.deadline > this.now) continue;
      const finished = process.finished;
      process.tick(this.now);
      assert(process.deadline > this.now, `process ${self} has done what was due`);
      if (process.finished && !finished) {
        this.note("deed", `${self} has delivered everything up to the last stop marker`);
      }
    }
  }

  /** Time passes for `spanMs`, and nothing arrives. */
  tick(spanMs: Millis): void {
    const end = this.now + spanMs;
    this.#pass(end, () => Infinity, () => false);
    this.now = end;
  }

  /** Time passes, and every datagram that is not held takes {@linkcode DELAY_MS}. Ends when `done`,
   * after `spanMs`, or when nothing is left to happen. */
  flow(spanMs: Millis, done: () => boolean = () => false): void {
    const end = this.now + spanMs;
    const next = this.#pass(end, ({ sentAt }) => sentAt + DELAY_MS, done);
    if (next > end && next < Infinity) this.now = end;
  }

  /** Lets happen what does until `end`, or until `done`. Returns when the next thing would. */
  #pass(end: Millis, arrivalOf: (datagram: Datagram) => Millis, done: () => boolean): Millis {
    this.endTurn(this.members);
    for (;;) {
      const arrivals = this.underWay.filter((datagram) => this.#isFree(datagram));
      const next = Math.min(...arrivals.map(arrivalOf), ...this.#deadlines());
      if (done() || next > end) return next;
      this.now = Math.max(this.now, next);
      for (const datagram of arrivals) if (arrivalOf(datagram) <= this.now) this.#reach(datagram);
      this.endTurn(this.members);
    }
  }

  #isFree({ held, to }: Datagram): boolean {
    return !held && this.members[to]?.health !== "paused";
  }

  #deadlines(): Millis[] {
    return this.members.flatMap(({ health, process }) => health === "up" ? [process.deadline] : []);
  }

  #reach(datagram: Datagram): void {
    this.underWay = this.underWay.filter((other) => other !== datagram);
    this.#arrived++;
    const { number, to, bytes } = datagram;
    const member = this.members[to];
    if (member === undefined || member.health === "crashed") {
      this.note("detail", `#${number} reaches nobody`);
      return;
    }
    const before = this.#notes.length;
    const refusal = member.receive(bytes);
    const reached: Note = refusal === ""
      ? { at: this.now, weight: "detail", text: `#${number} reaches ${to}` }
      : {
        at: this.now,
        weight: "deed",
        text: `#${number} reaches ${to} and is dropped: ${refusal}`,
      };
    this.#notes.splice(before, 0, reached);
  }
}
