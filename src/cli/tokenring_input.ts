/**
 * What people and scripts tell a node of a token ring to do.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import { quote } from "./quote.ts";

/** The commands, and what they do. */
export const TOKENRING_COMMANDS = {
  start: "make the token, if there is none yet",
  lock: "keep the token when it comes",
  unlock: "let it go, or wait for it no longer",
  status: "show what this node knows",
  help: "show the commands",
  quit: "pass the token on and leave",
} as const;

/** A command. */
export type TokenringCommand = keyof typeof TOKENRING_COMMANDS;

/** What a line means. */
export type TokenringInput =
  | { readonly command: TokenringCommand }
  /** None of them. The reason is for whoever wrote it. */
  | { readonly command: null; readonly word: string; readonly reason: string };

const NAMES = Object.keys(TOKENRING_COMMANDS) as TokenringCommand[];

/** Reads a line; null if it is blank. Case and blanks don't count. */
export function parseTokenringInput(line: string): TokenringInput | null {
  const [word, ...others] = line.trim().split(/\s+/);
  if (word === undefined || word === "") return null;
  const command = NAMES.find((name) => name === word.toLowerCase());
  if (command === undefined) return { command: null, word, reason: unknown(word) };
  if (others.length === 0) return { command };
  return { command: null, word: command, reason: `${command} takes nothing after it` };
}

function unknown(word: string): string {
  const [similar] = findSimilar(word, NAMES, { maxDistance: 2 });
  const hint = similar === undefined ? `use ${NAMES.join(", ")}` : `did you mean ${similar}?`;
  return `no command ${quote(word)}: ${hint}`;
}
