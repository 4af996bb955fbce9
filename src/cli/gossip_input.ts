/**
 * What people and scripts tell a node of a gossip network to do.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import { quote } from "./quote.ts";

/** The commands as they are written, and what they do. */
export const GOSSIP_COMMANDS = {
  add: ["add NAME", "be in a network with this node of the file"],
  say: ["say TEXT", "let everybody know"],
  list: ["list", "show the rumors that are kept, the oldest first"],
  status: ["status", "show who is up, and what spreading costs"],
  help: ["help", "show the commands"],
  quit: ["quit", "say goodbye and end"],
} as const;

/** The name of a command. */
export type GossipCommand = keyof typeof GOSSIP_COMMANDS;

/** What a line means. */
export type GossipInput =
  | { readonly command: "add"; readonly name: string }
  | { readonly command: "say"; readonly text: string }
  | { readonly command: "list" | "status" | "help" | "quit" }
  /** None of them. The reason is for whoever wrote it. */
  | { readonly command: null; readonly word: string; readonly reason: string };

const NAMES = Object.keys(GOSSIP_COMMANDS) as GossipCommand[];

/**
 * Reads a line; null if it is blank. Case and blanks don't count, but for the text: all that follows
 * `say` and one blank, as it stands.
 */
export function parseGossipInput(line: string): GossipInput | null {
  const [, word = "", rest = ""] = /^\s*(\S+)(?:\s([^]*))?$/.exec(line) ?? [];
  if (word === "") return null;
  const command = NAMES.find((name) => name === word.toLowerCase());
  if (command === undefined) return { command: null, word, reason: unknown(word) };
  const words = rest.trim() === "" ? [] : rest.trim().split(/\s+/);
  switch (command) {
    case "say":
      if (words.length === 0) return refused(command, "there is nothing to say: say TEXT");
      return { command, text: rest };
    case "add":
      if (words.length === 1) return { command, name: words[0]! };
      return refused(command, words.length === 0 ? "whom? add NAME" : "one name at a time");
    case "list":
    case "status":
    case "help":
    case "quit":
      if (words.length === 0) return { command };
      return refused(command, `${command} takes nothing after it`);
  }
}

function refused(word: string, reason: string): GossipInput {
  return { command: null, word, reason };
}

function unknown(word: string): string {
  const [similar] = findSimilar(word, NAMES, { maxDistance: 2 });
  const known = Object.values(GOSSIP_COMMANDS).map(([written]) => written).join(", ");
  const hint = similar === undefined ? `use ${known}` : `did you mean ${similar}?`;
  return `no command ${quote(word)}: ${hint}`;
}
