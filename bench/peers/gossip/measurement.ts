/**
 * What is measured of a gossip network, of whichever system: what one node says, and when all have it.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";

/** How often things are done in one run. */
export interface Sizes {
  /** What is said, each by somebody drawn at random, one after the other. */
  readonly words: number;
  /** Nodes that are killed, one after the other. */
  readonly kills: number;
}

/** What came out of one run. */
export interface Result {
  /** For each word, from saying it until the last node has told its user; Infinity if one hasn't
   * within {@linkcode MISSED_MS}. */
  readonly wordMs: readonly Millis[];
  /** Words that a node told its user again. */
  readonly repeated: number;
  /** For each kill -9, until the last of the others has told its user; Infinity if one hasn't within
   * {@linkcode UNSEEN_MS}. */
  readonly killMs: readonly Millis[];
  /** How often a node said of another one that it was gone, though it was not. */
  readonly falseAlarms: number;
  /** What the words cost. */
  readonly traffic: Traffic;
}

/** What a node sends while words are said, on average. NaN where a system doesn't tell. */
export interface Traffic {
  /** How often it passes a word on, known there or not, for each word. */
  readonly toldPerWord: number;
  /** How often a word comes to it that it knows, for each word. */
  readonly duplicatesPerWord: number;
  /** The share of words that came to it by the exchange of all that is known alone. */
  readonly suppliedShare: number;
  /** Messages of all kinds a second, the search for dead nodes included. */
  readonly messagesPerSecond: number;
  /** Their bytes. */
  readonly bytesPerSecond: number;
}

/** A word has missed somebody who hasn't got it by then. */
export const MISSED_MS: Millis = 30_000;

/** A kill that isn't seen everywhere by then counts as unseen. */
export const UNSEEN_MS: Millis = 60_000;

/** What the nodes of a network tell their users, at the time of the call. Nodes are numbered from 0. */
export interface Listener {
  /** A node tells a word, its own included. */
  heard(node: number, word: string): void;
  /** A node tells that another one has gone. */
  lost(node: number, other: number): void;
}

/** A running network. All nodes know of all. */
export interface Network extends AsyncDisposable {
  /** Has a node say a word. */
  say(node: number, word: string): void;
  /** Kills a node. */
  kill(node: number): void;
  /** What has been sent up to now, by all nodes together. */
  count(): Promise<Counts>;
}

/** What all nodes together have sent since they were started. NaN where a system doesn't tell. */
export interface Counts {
  readonly told: number;
  readonly duplicates: number;
  readonly supplied: number;
  readonly messages: number;
  readonly bytes: number;
}

/** A system in one of the ways in which it can be set up. */
export interface Contender {
  readonly system: string;
  /** How it is set up, in a few words. */
  readonly setup: string;
  /** Starts so many nodes, with their files in a folder; resolves when all know of all. */
  start(folder: string, size: number, listener: Listener): Promise<Network>;
}

/** Resolves after a while. */
export function pause(ms: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
