/**
 * What the comparison server and a peer say to each other on the peer's control address.
 *
 * One connection serves one run. The server sends `start`; the peer answers `accepted` or `refused`,
 * then sends `progress` as often as it likes, and when it has delivered everything (or was told to
 * `finish`) its journal in `log` messages and one `end`; in a run that keeps no logs the `end` alone,
 * with a digest in it. `release` says that all journals are in, so
 * nobody needs this peer's retransmissions any more. `quit` ends the process.
 *
 * @module
 */

import { MAX_GROUP_SIZE } from "../protocols/frame.ts";
import { type Order, ORDERS, type ProcessId } from "../protocols/process.ts";
import type { Address } from "./address.ts";
import { type Digest, digest } from "./digest_message.ts";
import { processName, reason, regionName } from "./manager_messages.ts";
import {
  address,
  array,
  boolean,
  bytes,
  type Check,
  integer,
  messages,
  nullable,
  number,
  oneOf,
  record,
  text,
} from "./validation.ts";

/** The most messages that a process may be told to multicast in a run. */
export const MAX_MESSAGES = 10_000_000;
/** The largest payload of a multicast message, in bytes. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** The longest pause between two multicasts of a process. */
export const MAX_INTERVAL_MS = 3_600_000;
/** The most events in one `log` message; see journal_chunks.ts. */
export const MAX_LOG_EVENTS = 8192;

/** A process of the run, at the position that is its number. */
export interface RunMember {
  readonly name: string;
  readonly udp: Address;
  readonly region: string | null;
}

/** Starts a run. */
export interface Start {
  readonly type: "start";
  /** Tells this run's packets from those of earlier ones: 1 to 2^48 - 1. */
  readonly run: number;
  /** The receiver's own number: its position in `members`. */
  readonly process: ProcessId;
  readonly members: readonly RunMember[];
  /** How many messages the receiver multicasts. */
  readonly messages: number;
  /** How many messages of its own it may have multicast and not delivered, at least 1; null for as
   * many as flow control lets it. */
  readonly outstanding: number | null;
  readonly order: Order;
  /** The pause between two multicasts is drawn evenly from this range. */
  readonly intervalMinMs: number;
  readonly intervalMaxMs: number;
  readonly payloadBytes: number;
  /** Seeds the generator of pauses and payloads, 32 bits. */
  readonly seed: number;
  /** Whether the receiver keeps a journal, or a digest. */
  readonly log: boolean;
}

/** Stop now and send what there is. */
export interface Finish {
  readonly type: "finish";
}

/** All journals are in: forget the run. */
export interface Release {
  readonly type: "release";
}

/** End the process. */
export interface Quit {
  readonly type: "quit";
}

/** Everything that a peer may be told. */
export type ControlRequest = Start | Finish | Release | Quit;

/** The run begins. */
export interface Accepted {
  readonly type: "accepted";
  /** The same for two processes exactly if they share a clock. */
  readonly machine: string;
}

/** The run can't begin here. */
export interface Refused {
  readonly type: "refused";
  readonly reason: string;
}

/** How far a process has come in a run. */
export const STATES = ["handshake", "running", "waiting", "finished"] as const;

/** `handshake`: not all are known to be ready; `running`: still multicasting; `waiting`: for what
 * others have multicast or must acknowledge; `finished`: everything is delivered everywhere. */
export type RunState = (typeof STATES)[number];

/** How far the process has come. */
export interface Progress {
  readonly type: "progress";
  readonly state: RunState;
  /** Messages multicast so far. */
  readonly multicast: number;
  /** Messages delivered so far. */
  readonly delivered: number;
  /** Whose silence holds it up. */
  readonly waitingFor: readonly ProcessId[];
}

/** A part of the journal: the columns of history/journal.ts as the bytes of little-endian arrays,
 * all for the same number of events. */
export interface Log {
  readonly type: "log";
  /** 8-bit: 0 multicast, 1 receive, 2 deliver. */
  readonly kind: Uint8Array;
  /** 32-bit unsigned. */
  readonly sender: Uint8Array;
  /** 32-bit unsigned. */
  readonly seq: Uint8Array;
  /** 64-bit floating point. */
  readonly time: Uint8Array;
  /** 64-bit floating point. */
  readonly at: Uint8Array;
  /** 32-bit signed. */
  readonly size: Uint8Array;
}

/** The journal is complete; so much happened on the wire. */
export interface End {
  readonly type: "end";
  /** Whether the process came to the end of the run by itself. */
  readonly complete: boolean;
  /** If it didn't: for whom it was waiting. */
  readonly waitingFor: readonly ProcessId[];
  /** Datagrams sent. */
  readonly datagrams: number;
  /** Bytes in them. */
  readonly bytes: number;
  /** Datagrams received that could not be understood. */
  readonly malformed: number;
  /** Deliveries whose payload was not the one that was multicast: a defect of the protocol. */
  readonly corrupted: number;
  /** Segments sent more than once. */
  readonly retransmitted: number;
  /** Where there is no journal, what stands for it. */
  readonly digest: Digest | null;
}

/** The run failed at this process. */
export interface ControlError {
  readonly type: "error";
  readonly reason: string;
}

/** Everything that a peer may answer. */
export type ControlReply = Accepted | Refused | Progress | Log | End | ControlError;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const processId = integer(0, MAX_GROUP_SIZE - 1);
const processIds: Check<readonly ProcessId[]> = array(processId, MAX_GROUP_SIZE);
const interval = number(0, MAX_INTERVAL_MS);
/** Comparison servers that say nothing of it want the logs. */
const log: Check<boolean> = (value, field) => nullable(boolean)(value, field) ?? true;

const decodeRequest = messages<ControlRequest>({
  start: {
    run: integer(1, 2 ** 48 - 1),
    process: processId,
    members: array(
      record<RunMember>({ name: processName, udp: address, region: regionName }),
      MAX_GROUP_SIZE,
    ),
    messages: integer(0, MAX_MESSAGES),
    outstanding: nullable(integer(1, MAX_MESSAGES)),
    order: oneOf(ORDERS),
    intervalMinMs: interval,
    intervalMaxMs: interval,
    payloadBytes: integer(0, MAX_PAYLOAD_BYTES),
    seed: integer(0, 2 ** 32 - 1),
    log,
  },
  finish: {},
  release: {},
  quit: {},
});

/** Types a decoded request.
 *
 * @throws {TypeError} naming the field that is wrong. */
export function decodeControlRequest(value: unknown): ControlRequest {
  const request = decodeRequest(value);
  if (request.type === "start") {
    if (request.process >= request.members.length) {
      throw new TypeError("In message start: Field process must be a position in members");
    }
    if (request.intervalMinMs > request.intervalMaxMs) {
      throw new TypeError("In message start: Field intervalMinMs must not exceed intervalMaxMs");
    }
  }
  return request;
}

/** Types a decoded reply. What a `log` holds is checked when it is appended to a journal.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeControlReply: (value: unknown) => ControlReply = messages<ControlReply>({
  accepted: { machine: text(1, 128) },
  refused: { reason },
  progress: {
    state: oneOf(STATES),
    multicast: count,
    delivered: count,
    waitingFor: processIds,
  },
  log: {
    kind: bytes(MAX_LOG_EVENTS),
    sender: bytes(MAX_LOG_EVENTS * 4),
    seq: bytes(MAX_LOG_EVENTS * 4),
    time: bytes(MAX_LOG_EVENTS * 8),
    at: bytes(MAX_LOG_EVENTS * 8),
    size: bytes(MAX_LOG_EVENTS * 4),
  },
  end: {
    complete: boolean,
    waitingFor: processIds,
    datagrams: count,
    bytes: count,
    malformed: count,
    corrupted: count,
    retransmitted: count,
    digest: nullable(digest),
  },
  error: { reason },
});
