/**
 * What the coordinator needs of a store. Everything is written into an open batch, which `commit`
 * makes durable as a whole. Reading shows the open batch too.
 *
 * @module
 */

import type { Address, MemberId, Message } from "./messages.ts";

/** What is kept about a member. */
export interface MemberRecord {
  readonly id: MemberId;
  /** Where it listens, or listened before it went offline. */
  readonly address: Address;
  /** What its last request made it; a process that died without a word is still `online`. */
  readonly state: "online" | "offline";
  /** The request that began its session. */
  readonly session: string;
  /** It needs no message up to this number. What it has acknowledged in the last second may not be
   * counted yet: after a restart it comes again, and the participant drops it. */
  readonly cursor: number;
  /** Since when it counts as offline, in milliseconds since the epoch: since it disconnected; or, if
   * its process seems to have died, since its last acknowledgement. Null while it seems to be
   * alive. */
  readonly offlineSince: number | null;
}

/** A store of messages, members and answered requests. One coordinator uses it at a time. */
export interface MessageLog {
  /** Names the store: another one has another name. */
  readonly store: string;
  /** The number of the latest message, the open batch included; 0 before the first. It stays when the
   * message itself is pruned. */
  readonly lastSeq: number;
  /** The latest message's time, likewise; 0 before the first. */
  readonly lastAt: number;

  /** Adds a message, the answer to a request with this key. Its number is `lastSeq + 1`. */
  append(message: Message, request: string): void;
  /** Keeps the answer to a request with this key that is no message. `at` is when it was given, in
   * milliseconds since the epoch. */
  remember(request: string, seq: number, at: number): void;
  /** The number that a request with this key was answered with; undefined if it was not, or if that
   * is forgotten. */
  seqOfRequest(request: string): number | undefined;

  /** Messages above `after`, in order and without a gap, from the first one that is kept. At most so
   * many and so many bytes of payloads, but at least one if there is one. */
  read(after: number, maxMessages: number, maxBytes: number): Message[];
  /** The lowest number of a message that is kept with `at` at this time or later; `lastSeq + 1` if
   * there is none. */
  firstSince(at: number): number;

  /** All members. */
  members(): Iterable<MemberRecord>;
  /** Adds a member, or replaces what is kept about it. */
  saveMember(record: MemberRecord): void;
  /** Forgets a member. */
  removeMember(id: MemberId): void;

  /** Nobody can need messages up to this number any more, nor answers from before a time. May be done
   * at any later time and in parts. */
  prune(upTo: number, answersBefore: number): void;

  /**
   * Makes the open batch durable.
   *
   * @throws {Error} If that isn't possible: its message is a clear sentence. Then nothing of the batch
   *   counts, and the next batch is open.
   */
  commit(): void;
}
