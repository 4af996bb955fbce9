/**
 * What people type into a chat: text to multicast, and commands.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import { quote } from "./quote.ts";

/** The commands and what they do. */
export const CHAT_COMMANDS = {
  start: "generate lines at random times",
  stop: "generate no more",
  who: "list everybody in the chat",
  help: "print this list",
  quit: "say goodbye and end",
} as const;

/** The name of a command, without its slash. */
export type ChatCommand = keyof typeof CHAT_COMMANDS;

/** What a line means. */
export type ChatInput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "command"; readonly command: ChatCommand }
  /** Neither; the reason is for whoever typed it. */
  | { readonly type: "mistake"; readonly reason: string }
  /** An empty line: nothing to do. */
  | { readonly type: "nothing" };

const NAMES = Object.keys(CHAT_COMMANDS) as ChatCommand[];

/**
 * Reads a line. Blanks at its ends count in a text, not around a command. `//` begins a text whose
 * first character is a slash.
 */
export function parseChatInput(line: string): ChatInput {
  if (line.trim() === "") return { type: "nothing" };
  if (line.startsWith("//")) return { type: "text", text: line.slice(1) };
  if (!line.startsWith("/")) return { type: "text", text: line };
  const word = line.slice(1).trim();
  const command = NAMES.find((name) => name === word);
  return command === undefined ? mistake(word) : { type: "command", command };
}

function mistake(word: string): ChatInput {
  const [first, ...others] = word.split(/\s+/);
  if (others.length > 0 && NAMES.some((name) => name === first)) {
    return { type: "mistake", reason: `/${first} takes nothing after it; not sent` };
  }
  const [similar] = findSimilar(first ?? "", NAMES, { maxDistance: 2 });
  const hint = similar === undefined
    ? "/help lists the commands, // begins a line with a slash"
    : `did you mean /${similar}?`;
  return { type: "mistake", reason: `no command ${quote(`/${first}`)} (${hint}); not sent` };
}
