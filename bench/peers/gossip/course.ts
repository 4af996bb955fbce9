/**
 * What is done with each system, in the same way.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";
import {
  type Contender,
  type Counts,
  MISSED_MS,
  type Network,
  pause,
  type Result,
  type Sizes,
  type Traffic,
  UNSEEN_MS,
} from "./measurement.ts";
import { Observer } from "./observer.ts";

/** So long a network is left alone before anything is measured: code is compiled, news die down. */
const SETTLE_MS: Millis = 3000;

/** Between two words, and between two kills, at most; it is drawn, so that no rhythm counts. */
const WORD_PAUSE_MS: Millis = 1000;
const KILL_PAUSE_MS: Millis = 3000;

/** Measures everything once, with a network of so many nodes. */
export async function run(
  contender: Contender,
  folder: string,
  size: number,
  { words, kills }: Sizes,
): Promise<Result> {
  const observer = new Observer();
  await using network = await contender.start(folder, size, observer);
  await pause(SETTLE_MS);
  const [before, since] = [await network.count(), performance.now()];
  const wordMs = await sayWords(network, observer, size, words);
  const [after, ms] = [await network.count(), performance.now() - since];
  const killMs = await killNodes(network, observer, size, kills);
  const { repeated, falseAlarms } = observer;
  return { wordMs, repeated, killMs, falseAlarms, traffic: rates(before, after, size, words, ms) };
}

async function sayWords(
  network: Network,
  observer: Observer,
  size: number,
  count: number,
): Promise<Millis[]> {
  const times: Millis[] = [];
  for (let i = 0; i < count; i++) {
    await pause(Math.random() * WORD_PAUSE_MS);
    const word = `word${i}`;
    observer.expectWord(word);
    network.say(Math.floor(Math.random() * size), word);
    times.push(await observer.until(() => observer.heardBy === size, MISSED_MS));
  }
  return times;
}

async function killNodes(
  network: Network,
  observer: Observer,
  size: number,
  count: number,
): Promise<Millis[]> {
  const alive = Array.from({ length: size }, (_, node) => node);
  const times: Millis[] = [];
  for (let i = 0; i < count; i++) {
    await pause(Math.random() * KILL_PAUSE_MS);
    const [victim] = alive.splice(Math.floor(Math.random() * alive.length), 1);
    observer.expectLoss(victim!);
    network.kill(victim!);
    times.push(await observer.until(() => observer.seenBy === alive.length, UNSEEN_MS));
  }
  return times;
}

/** What was sent between two counts. */
function rates(
  before: Counts,
  after: Counts,
  size: number,
  words: number,
  ms: Millis,
): Traffic {
  const perWord = (what: keyof Counts) => (after[what] - before[what]) / size / words;
  const perSecond = (what: keyof Counts) => (after[what] - before[what]) / size / ms * 1000;
  return {
    toldPerWord: perWord("told"),
    duplicatesPerWord: perWord("duplicates"),
    suppliedShare: perWord("supplied"),
    messagesPerSecond: perSecond("messages"),
    bytesPerSecond: perSecond("bytes"),
  };
}
