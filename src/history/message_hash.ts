/**
 * Fingerprints of messages and of lists of them, 64 bits in two lanes.
 *
 * Each lane is a 32-bit integer and all arithmetic is modulo 2^32, so that the same messages give
 * the same fingerprint on every machine and in every language. docs/PROTOCOL.md says how it is
 * computed: two processes compare theirs.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";

/** Multiplied by the sender and added to the sequence number, in the first and the second lane. */
const SENDER = [0x9e3779b1, 0x85ebca77] as const;

/** The fingerprint of a list of messages that depends on their order. */
export class SequenceHash {
  #a = 0;
  #b = 0;

  /** Appends message `seq` of `sender`. */
  add(sender: ProcessId, seq: number): void {
    this.#a = append(this.#a, firstLane(sender, seq));
    this.#b = append(this.#b, secondLane(sender, seq));
  }

  /** 16 hexadecimal digits. */
  get hex(): string {
    return hex32(this.#a) + hex32(this.#b);
  }
}

/** The fingerprint of a collection of messages, whatever their order. */
export class SetHash {
  #a = 0;
  #b = 0;

  /** Puts message `seq` of `sender` in. */
  add(sender: ProcessId, seq: number): void {
    this.#a = (this.#a + firstLane(sender, seq)) | 0;
    this.#b = (this.#b + secondLane(sender, seq)) | 0;
  }

  /** 16 hexadecimal digits. */
  get hex(): string {
    return hex32(this.#a) + hex32(this.#b);
  }
}

function firstLane(sender: ProcessId, seq: number): number {
  return scramble((seq + Math.imul(sender, SENDER[0])) | 0);
}

function secondLane(sender: ProcessId, seq: number): number {
  return scramble(~((seq + Math.imul(sender, SENDER[1])) | 0));
}

/** A one-to-one map of 32-bit integers in which each bit depends on all bits: shifts and products by
 * turns. The factors are odd, or it would not be one-to-one. */
function scramble(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** One-to-one in the hash, so that what once differs stays different while the same is appended. */
function append(hash: number, word: number): number {
  const x = hash ^ word;
  return (Math.imul((x << 13) | (x >>> 19), 0x9e3779b1) + 0x6d2b79f5) | 0;
}

function hex32(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}
