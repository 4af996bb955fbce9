/**
 * Reads the words of a scenario's commands.
 *
 * @module
 */

import type { Millis, ProcessId } from "../../src/protocols/process.ts";
import type { Member } from "./member.ts";
import type { Datagram, World } from "./world.ts";

/** Splits a command into words; a text in quotation marks is one, and keeps them. */
export function splitWords(command: string): string[] {
  return command.match(/"[^"]*"|\S+/g) ?? [];
}

/** The number that `word` is.
 *
 * @throws {SyntaxError} It is none from `min` to `max`. */
export function wholeNumber(word: string | undefined, min: number, max: number): number {
  const value = Number(word);
  if (word === undefined || !/^\d+$/.test(word) || value < min || value > max) {
    throw new SyntaxError(`A number from ${min} to ${max} is expected, not ${word ?? "nothing"}`);
  }
  return value;
}

/** A span of time such as `20ms` or `1.5s`. */
export function duration(word: string | undefined): Millis {
  const match = word?.match(/^(\d+(?:\.\d+)?)(ms|s)$/);
  if (!match) throw new SyntaxError(`A time such as 20ms is expected, not ${word ?? "nothing"}`);
  return Number(match[1]) * (match[2] === "s" ? 1000 : 1);
}

/** The payload of one word: a text in quotation marks, or `N*X` for N times the letter X. */
export function payload(word: string): Uint8Array {
  const times = word.match(/^(\d{1,7})\*(\w)$/);
  if (times) return new TextEncoder().encode(times[2]!.repeat(Number(times[1])));
  if (!/^".*"$/.test(word)) {
    throw new SyntaxError(`A text such as "a" or 3000*x is expected, not ${word}`);
  }
  return new TextEncoder().encode(word.slice(1, -1));
}

/** The processes that `words` name; all of them for `all`. Those that crashed can't be named. */
export function members(world: World, words: readonly string[]): Member[] {
  if (words.length === 1 && words[0] === "all") {
    return world.members.filter(({ health }) => health !== "crashed");
  }
  if (words.length === 0) throw new SyntaxError("A process is expected");
  return words.map((word) => member(world, word));
}

/** The process that `word` names, unless it crashed. */
export function member(world: World, word: string | undefined): Member {
  const found = world.members[wholeNumber(word, 0, world.members.length - 1)]!;
  if (found.health === "crashed") throw new RangeError(`Process ${word} has crashed`);
  return found;
}

/** The datagrams under way that `words` name, in the order in which they stand there: by number, or
 * by link, as `0>1`, all that are on it. */
export function datagrams(world: World, words: readonly string[]): Datagram[] {
  if (words.length === 0) throw new SyntaxError("The number of a datagram is expected");
  const all = words.flatMap((word) => {
    const named = word.includes(">") ? isOnLink(world, word) : hasNumber(word);
    const found = world.underWay.filter(named);
    if (found.length === 0) throw new RangeError(`Datagram ${word} is not under way`);
    return found;
  });
  if (new Set(all).size < all.length) throw new RangeError("A datagram is named twice");
  return all;
}

function hasNumber(word: string): (datagram: Datagram) => boolean {
  const number = wholeNumber(word, 1, Number.MAX_SAFE_INTEGER);
  return (datagram) => datagram.number === number;
}

function isOnLink(world: World, word: string): (datagram: Datagram) => boolean {
  const [[from, to]] = links(world.members.length, [word]) as [[ProcessId, ProcessId]];
  return (datagram) => datagram.from === from && datagram.to === to;
}

/** The links that `words` name: `0>1` is one way, `0-1` both. */
export function links(size: number, words: readonly string[]): [ProcessId, ProcessId][] {
  if (words.length === 0) throw new SyntaxError("A link such as 0>1 or 0-1 is expected");
  return words.flatMap((word): [ProcessId, ProcessId][] => {
    const match = word.match(/^(\d+)([->])(\d+)$/);
    if (!match) throw new SyntaxError(`A link such as 0>1 or 0-1 is expected, not ${word}`);
    const from = wholeNumber(match[1], 0, size - 1);
    const to = wholeNumber(match[3], 0, size - 1);
    return match[2] === ">" ? [[from, to]] : [[from, to], [to, from]];
  });
}
