/**
 * The words of the persistent multicast: what participants ask of the coordinator, what it answers,
 * and what a message is.
 *
 * @module
 */

/** The longest ID of a member, in characters. */
export const MAX_ID = 64;

/** The longest ID of a request, in characters. */
export const MAX_REQUEST = 64;

/** The longest message in bytes: with what goes around it, it fits a frame of 1 MiB. */
export const MAX_TEXT_BYTES = 1024 * 1024 - 1024;

/** So many members may be registered at the same time. */
export const MAX_MEMBERS = 1000;

/** What a member is called: 1 to `MAX_ID` characters, none of them white space or a control
 * character. */
export type MemberId = string;

/** Where a participant listens. The host is a name or an IP literal. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What every request has. */
interface RequestHead {
  /** Made by the client, and never used again for another request of the same member: who asks once
   * more, because the answer was lost, uses the same one, and the request is done only once. 1 to
   * `MAX_REQUEST` characters. */
  readonly request: string;
  /** Who asks. */
  readonly id: MemberId;
}

/** Asks for messages to be brought to an address. The request's ID is the name of the session that
 * it begins. */
interface SessionRequest extends RequestHead {
  readonly address: Address;
  /** Whether it may take the place of a process of the same ID that is alive. */
  readonly takeOver: boolean;
}

/** Asks for something in a session. */
interface RequestInSession extends RequestHead {
  /** The session that it is asked in: refused if another one has begun since. May be left out, but
   * then only `msend` is granted while a process of the member is alive. */
  readonly session?: string;
}

/** A new beginning: from now on, and nothing from before. */
export interface RegisterRequest extends SessionRequest {
  readonly type: "register";
}

/** Online again: what was missed comes first, as far as td reaches. */
export interface ReconnectRequest extends SessionRequest {
  readonly type: "reconnect";
}

/** Offline, but still a member. */
export interface DisconnectRequest extends RequestInSession {
  readonly type: "disconnect";
}

/** No member any more. */
export interface DeregisterRequest extends RequestInSession {
  readonly type: "deregister";
}

/** Multicasts a message. */
export interface MsendRequest extends RequestInSession {
  readonly type: "msend";
  readonly payload: Uint8Array;
}

/** What a participant may ask of the coordinator. */
export type Request =
  | RegisterRequest
  | ReconnectRequest
  | DisconnectRequest
  | DeregisterRequest
  | MsendRequest;

/** What the coordinator knows about the one who asks.
 *
 * - `unknown`: no member.
 * - `replaced`: a member, but another process has its place.
 */
export type Standing = "online" | "offline" | "unknown" | "replaced";

/** Done, and on disk. */
export interface OkReply {
  readonly type: "ok";
  readonly request: string;
  /** Of `msend`, the message's number. Of `register` and `reconnect`, messages with higher numbers
   * will come. Of the others, the latest message's number. */
  readonly seq: number;
  /** Names the store: sequence numbers of another store mean nothing. */
  readonly store: string;
}

/** Refused: nothing was changed. */
export interface ErrorReply {
  readonly type: "error";
  readonly request: string;
  /** One sentence. */
  readonly reason: string;
  /** Missing where it has nothing to do with the reason. */
  readonly standing?: Standing;
}

/** The coordinator's answer to a request. */
export type Reply = OkReply | ErrorReply;

/** What was multicast. */
export interface Message {
  /** Counts all messages of a store from 1, without gaps. */
  readonly seq: number;
  /** When the request was handled: whole milliseconds since the epoch on the coordinator's clock.
   * Never below the message before. */
  readonly at: number;
  readonly sender: MemberId;
  readonly payload: Uint8Array;
}

/** Why the coordinator ends a delivery connection.
 *
 * - `replaced`: another session of the member has begun.
 * - `left`: the member disconnected or deregistered, or was given up.
 * - `silent`: no sign of life for too long; it will be tried again.
 * - `invalid`: the participant said something that can't be.
 */
export type LinkEnd = "replaced" | "left" | "silent" | "invalid";

/** Whether a text can be an ID of a member. */
export function isMemberId(text: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for.
  return text.length >= 1 && text.length <= MAX_ID && !/[\s\u0000-\u001f\u007f-\u009f]/.test(text);
}
