/**
 * What the members of a chat tell each other, before it is bytes.
 *
 * @module
 */

/** Where a process can be reached, and what it is called. The host is a name or an IP literal. */
export interface ChatContact {
  /** Unique in the chat. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A process from one start to its end. */
export interface ChatIdentity extends ChatContact {
  /** Drawn once at the start: it tells a process from the one of the same name before it. 1 to
   * 2^32 - 1. */
  readonly nonce: number;
}

/** A view as it is to be. It begins when all its members have heard from each other. */
export interface ViewPlan {
  /** Drawn when the chat's first view was made, and the same in all later ones: 1 to 2^32 - 1. */
  readonly chat: number;
  /** Which view of the chat, from 1. */
  readonly number: number;
  /** Which attempt to begin this view, from 0. Only one process makes them, and it makes a further
   * one only while nobody can have begun the one before; see `views.ts`. */
  readonly attempt: number;
  /** Tells the view's frames from all others: 1 to 2^32 - 1. */
  readonly run: number;
  /** The number of the member that makes the attempts. */
  readonly coordinator: number;
  /** Their positions are their numbers. */
  readonly members: readonly ChatIdentity[];
}

/** What a process is, seen from the one that it greets.
 *
 * - `outside`: in no view, and would like to be.
 * - `inside`: in a view. Whoever greets it will be invited.
 * - `gone`: takes part no more. Who is a member says so when it goes, and does nothing more.
 * - `barred`: in a view that waits for an earlier process of the other one's name.
 * - `released`: does not count on the other one, which has said that it is gone.
 * - `taken`: in a view with another process of the other one's name, which shows signs of life.
 * - `stuck`: in a view that waits for a member that shows no sign of life.
 */
export type GreetingState =
  | "outside"
  | "inside"
  | "gone"
  | "barred"
  | "released"
  | "taken"
  | "stuck";

/** Says who one is. Only `outside` and `gone` are answered. */
export interface Greeting {
  /** The same at all who may be in one chat: 1 to 2^32 - 1. */
  readonly group: number;
  readonly from: ChatIdentity;
  readonly state: GreetingState;
  /** The chat that it is in, or while it is `outside` the one that it is on its way into; 0 if
   * none. */
  readonly chat: number;
  /** How many are in its view; 0 if it is in none. */
  readonly size: number;
}

/** A line that somebody said. */
export interface ChatLine {
  readonly type: "line";
  /** Counts the sender's lines from 1, over all views. */
  readonly seq: number;
  readonly text: string;
}

/** Who shall be in the next view. The first that is delivered in a view decides. */
export interface ChatChange {
  readonly type: "change";
  readonly run: number;
  readonly members: readonly ChatIdentity[];
}

/** What is multicast in a view. */
export type ChatPayload = ChatLine | ChatChange;

/** Payloads to bytes and back. The format is the wire's business. */
export interface ChatCodec {
  /** @throws {RangeError} The line is too long. */
  encode(payload: ChatPayload): Uint8Array;
  /** Returns null for what is no payload. It must depend on the bytes alone: all members must
   * ignore the same. */
  decode(bytes: Uint8Array): ChatPayload | null;
}

/** What a member learns about its chat. */
export type ChatNews =
  /** Before the first view, or before it lets this one in: these are missing. Empty when nobody is
   * any more. */
  | { readonly type: "waiting"; readonly names: readonly string[] }
  /** From here on the group is this. `joined` and `left` are the differences to the view before;
   * a process's first view has none. */
  | {
    readonly type: "view";
    readonly number: number;
    readonly members: readonly string[];
    readonly joined: readonly string[];
    readonly left: readonly string[];
  }
  /** A line, in the order that is the same for all. `seq` counts the sender's lines from 1. */
  | {
    readonly type: "deliver";
    readonly sender: string;
    readonly seq: number;
    readonly text: string;
  }
  /** Nothing has come of this member for some seconds; or something has again. */
  | { readonly type: "silent"; readonly name: string }
  | { readonly type: "heard"; readonly name: string }
  /** Lines have been waiting for these members for some seconds; empty when it goes on. */
  | { readonly type: "blocked"; readonly names: readonly string[] }
  /** `cause` is why this process can't come in, where that is what the warning is about: it may be
   * able to later, but for a name that is taken. */
  | { readonly type: "warning"; readonly reason: string; readonly cause?: ChatBar };

/** Why a process can't come in. */
export type ChatBar = Extract<GreetingState, "barred" | "taken" | "stuck">;

/** Somebody in the chat, or awaited in it. */
export interface ChatPresence {
  readonly name: string;
  /** `silent`: in the chat, and nothing has come of it for some seconds. `left`: has said goodbye.
   * `missing`: known, but not in the chat. Before the chat begins, whoever has shown up is `here`. */
  readonly state: "here" | "silent" | "left" | "missing";
  readonly self: boolean;
}

/** Is this process, in this life, among them? */
export function isAmong(self: ChatIdentity, members: readonly ChatIdentity[]): boolean {
  return members.some(({ name, nonce }) => name === self.name && nonce === self.nonce);
}
