/**
 * What people and scripts tell a participant to do.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import { quote } from "./quote.ts";
import { parseWholeNumber } from "./values/whole_number.ts";

/** The commands, as they are written. */
export const PARTICIPANT_COMMANDS = {
  register: "register [port]",
  deregister: "deregister",
  disconnect: "disconnect",
  reconnect: "reconnect [port]",
  msend: "msend [message]",
  status: "status",
  quit: "quit",
} as const;

/** The name of a command. */
export type ParticipantCommand = keyof typeof PARTICIPANT_COMMANDS;

/** What a line means. */
export type ParticipantInput =
  | { readonly command: "register" | "reconnect"; readonly port: number | undefined }
  | { readonly command: "msend"; readonly text: string }
  | { readonly command: "deregister" | "disconnect" | "status" | "quit" }
  /** None of them. The reason is for whoever wrote it. */
  | { readonly command: null; readonly word: string; readonly reason: string };

const NAMES = Object.keys(PARTICIPANT_COMMANDS) as ParticipantCommand[];
const PORT_MAX = 65_535;

/**
 * Reads a line; null if it is blank. Blanks before a command don't count. What follows `msend` and
 * one space is the message as it stands, whatever it says; `msend` alone sends an empty one.
 */
export function parseParticipantInput(line: string): ParticipantInput | null {
  const content = line.trimStart();
  if (content === "") return null;
  if (content === "msend") return { command: "msend", text: "" };
  if (content.startsWith("msend ")) return { command: "msend", text: content.slice(6) };
  const [word = "", ...others] = content.trim().split(/\s+/);
  const command = NAMES.find((name) => name === word);
  switch (command) {
    case undefined:
    case "msend": // With a tab behind it: is that a part of the message?
      return unknown(word);
    case "register":
    case "reconnect":
      return withPort(command, others);
    case "deregister":
    case "disconnect":
    case "status":
    case "quit":
      if (others.length === 0) return { command };
      return { command: null, word, reason: `${command} takes nothing after it` };
  }
}

/**
 * Cuts the text of `--exec` into lines: at line breaks and semicolons. `\;` is a semicolon that
 * doesn't cut, `\\` a backslash; before all else a backslash is just that.
 */
export function splitCommands(script: string): string[] {
  const lines = [""];
  for (const [piece, escaped] of script.matchAll(/\\([;\\])|\r?\n|[^]/g)) {
    if (escaped !== undefined) lines[lines.length - 1] += escaped;
    else if (piece === ";" || piece.endsWith("\n")) lines.push("");
    else lines[lines.length - 1] += piece;
  }
  return lines.filter((line) => line.trim() !== "");
}

function withPort(command: "register" | "reconnect", words: readonly string[]): ParticipantInput {
  const [digits] = words;
  if (digits === undefined) return { command, port: undefined };
  try {
    if (words.length > 1) throw new SyntaxError("only a port may follow");
    return { command, port: parseWholeNumber(digits, { min: 0, max: PORT_MAX }) };
  } catch (error) {
    return { command: null, word: command, reason: (error as Error).message };
  }
}

function unknown(word: string): ParticipantInput {
  const [similar] = findSimilar(word, NAMES, { maxDistance: 2 });
  const hint = similar === undefined || similar === word
    ? `use ${Object.values(PARTICIPANT_COMMANDS).join(", ")}`
    : `did you mean ${similar}?`;
  return { command: null, word, reason: `no command ${quote(word)}: ${hint}` };
}
