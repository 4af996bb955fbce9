/**
 * What the examples of a chat in docs/PROTOCOL.md say they are.
 *
 * @module
 */

import type { ChatPayload, Greeting, ViewPlan } from "../../src/protocols/chat/chat_messages.ts";

const ADA = { name: "ada", nonce: 0x12345678, host: "10.0.0.7", port: 40001 };
const BEN = { name: "ben", nonce: 0x23456789, host: "10.0.0.8", port: 40002 };

/** The group in the examples. */
export const CHAT_GROUP = 0x811c9dc5;

/** Greetings by the example's name. */
export const CHAT_GREETINGS: Readonly<Record<string, Greeting>> = {
  greeting: { group: CHAT_GROUP, from: BEN, state: "outside", chat: 0, size: 0 },
};

/** Invitations. */
export const CHAT_INVITATIONS: Readonly<Record<string, ViewPlan>> = {
  invitation: {
    chat: 0x3456789a,
    number: 2,
    attempt: 0,
    run: 0x456789ab,
    coordinator: 0,
    members: [ADA, BEN],
  },
};

/** Payloads. */
export const CHAT_PAYLOADS: Readonly<Record<string, ChatPayload>> = {
  line: { type: "line", seq: 1, text: "hi" },
  change: { type: "change", run: 0x456789ab, members: [ADA, BEN] },
};

/** The names of all. */
export const CHAT_EXAMPLES: readonly string[] = [
  ...Object.keys(CHAT_GREETINGS),
  ...Object.keys(CHAT_INVITATIONS),
  ...Object.keys(CHAT_PAYLOADS),
];
