/**
 * What mpcomm and the guard of its command say to each other.
 *
 * Times that pass between them are those of the guard's clock: mpcomm translates. It can do that
 * because the guard says what its clock shows. As hearing that takes time, the guard's clock is then
 * further than mpcomm thinks, and an end of a lease is translated into a moment that is a little too
 * early, never too late, however long a message was on its way.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** Run it, now that the lock is there. */
export interface StartMessage {
  readonly type: "start";
  /** The path of the program, and how the user named it. */
  readonly path: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly fence: number;
  /** When the lease ends. */
  readonly until: Millis;
  /** How long the lease is, from when this was sent. */
  readonly leaseMs: Millis;
  /** Whether the guard's process group has the terminal. */
  readonly hasTerminal: boolean;
}

/** The lease goes on. */
export interface ExtendMessage {
  readonly type: "extend";
  readonly until: Millis;
  readonly leaseMs: Millis;
}

/** Pass this signal on to the command. */
export interface SignalMessage {
  readonly type: "signal";
  readonly signal: Deno.Signal;
}

/** What does your clock show? */
export interface ClockQuestion {
  readonly type: "clock";
}

/** From mpcomm. */
export type OrderMessage = StartMessage | ExtendMessage | SignalMessage | ClockQuestion;

/** The guard is there. */
export interface ReadyMessage {
  readonly type: "ready";
  /** The guard's process group, which is the command's too; null if it isn't the guard's own. */
  readonly group: number | null;
  readonly clock: Millis;
}

/** What the guard's clock shows. */
export interface ClockMessage {
  readonly type: "clock";
  readonly clock: Millis;
}

/** The command runs. */
export interface StartedMessage {
  readonly type: "started";
  readonly pid: number;
}

/** The command could not be started. */
export interface FailedMessage {
  readonly type: "failed";
  readonly reason: string;
  readonly exitCode: number;
}

/** The lease comes to its end, and the guard ends the command. */
export interface EndingMessage {
  readonly type: "ending";
}

/** The command has ended. */
export interface EndedMessage {
  readonly type: "ended";
  readonly code: number;
  readonly signal: string | null;
}

/** From the guard. */
export type ReportMessage =
  | ReadyMessage
  | ClockMessage
  | StartedMessage
  | FailedMessage
  | EndingMessage
  | EndedMessage;
