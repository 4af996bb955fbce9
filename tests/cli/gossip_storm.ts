/**
 * A large gossip network on a busy machine. At first nothing goes wrong, and nobody may be taken for
 * gone. Then nodes are killed, stopped for a moment, stopped for long, and leave: all others must notice
 * what lasts, and in the end everybody must have everything, once.
 *
 * `deno task test:gossip [--nodes 50] [--seconds 600] [--faults 24] [--seed S]` is a campaign.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Random } from "../../src/protocols/random.ts";
import { Gossips, heardBy, hears, upOf } from "./gossips.ts";
import type { RunningProcess } from "./processes.ts";

/** Threads that do nothing but take time from the nodes. */
const BUSY_THREADS = 2;

/** Between two words while nothing goes wrong, at most. */
const WORD_PAUSE_MS = 5000;

/** A stop that nobody may take for an end. */
const SHORT_STOP_MS = { min: 1000, max: 3000 };

/** So much longer than it takes to be noticed nodes are away, at most. */
const AWAY_MS = 10_000;

/** Whoever takes a short stop for an end says so by then, after it. */
const ALARM_MS = 10_000;

/** What goes wrong, in turn. */
const FAULTS = ["kill", "short stop", "long stop", "quit"] as const;

/** So many nodes at once, at most. */
const MAX_VICTIMS = 3;

/** What a storm is like. */
export interface StormOptions {
  /** From 5. */
  readonly nodes: number;
  /** For so long nothing goes wrong. */
  readonly seconds: number;
  /** So many things go wrong then, one after the other. */
  readonly faults: number;
  readonly seed: number;
  /** Is told what happens. */
  readonly onNews: (what: string) => void;
}

/** What a storm has seen. Times are in milliseconds, and the longest. */
export interface StormResult {
  /** All that was said. */
  words: number;
  /** How often a node said of another one that it had gone, though it hadn't. */
  falseAlarms: number;
  /** From saying a word until all had it, while nothing went wrong. */
  wordMs: number;
  /** The same between the faults, until all had it that nothing had happened to. */
  faultyWordMs: number;
  /** Until all others had noticed that nodes were killed, were stopped for long, or had left. */
  killMs: number;
  stopMs: number;
  quitMs: number;
  /** From when nodes ran again, until all knew it and they had everything. */
  backMs: number;
}

/**
 * Runs a storm.
 *
 * @throws {Error} if a word doesn't reach somebody, if an end isn't noticed, or if somebody doesn't come
 * back.
 * @throws {AssertionError} if a node told something twice, or something that nobody said.
 */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { nodes, seconds, faults } = options;
  await using gossips = await Gossips.of(...Array.from({ length: nodes }, (_, i) => `n${i}`));
  const storm = new Storm(gossips, await gossips.startAll(), options);
  using _busy = keepBusy();
  await storm.calm(seconds);
  for (let i = 0; i < faults; i++) await storm.strike(FAULTS[i % FAULTS.length]!);
  return await storm.end();
}

class Storm {
  readonly #gossips: Gossips;
  readonly #nodes: Map<string, RunningProcess>;
  readonly #random: Random;
  readonly #onNews: StormOptions["onNews"];
  readonly #texts: string[] = [];
  /** Who may be taken for gone. */
  readonly #away = new Set<string>();
  /** So many of the events of a node have been looked at. */
  readonly #lookedAt = new WeakMap<RunningProcess, number>();
  readonly #result: StormResult = {
    ...{ words: 0, falseAlarms: 0, wordMs: 0, faultyWordMs: 0 },
    ...{ killMs: 0, stopMs: 0, quitMs: 0, backMs: 0 },
  };

  constructor(
    gossips: Gossips,
    nodes: readonly RunningProcess[],
    { seed, onNews }: Pick<StormOptions, "seed" | "onNews">,
  ) {
    this.#gossips = gossips;
    this.#nodes = new Map(gossips.names.map((name, i) => [name, nodes[i]!]));
    this.#random = new Random(seed);
    this.#onNews = onNews;
  }

  /** Nothing goes wrong. Words are said now and then. */
  async calm(seconds: number): Promise<void> {
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end) {
      await pause(this.#random.below(WORD_PAUSE_MS));
      this.#longest("wordMs", await this.#say());
      this.#lookForAlarms();
    }
    this.#assertAllHaveAll();
    const { words, wordMs, falseAlarms } = this.#result;
    const news = `${words} words, the slowest took ${wordMs} ms; ${falseAlarms} false alarms`;
    this.#onNews(`${seconds} s in which nothing went wrong: ${news}`);
  }

  /** Something goes wrong, and is over when this resolves. */
  async strike(fault: (typeof FAULTS)[number]): Promise<void> {
    const victims = this.#draw(1 + this.#random.below(MAX_VICTIMS));
    this.#onNews(`${fault} of ${victims.join(", ")}`);
    if (fault === "short stop") return await this.#stopBriefly(victims);
    this.#lookForAlarms();
    for (const name of victims) this.#away.add(name);
    if (fault === "kill") await this.#kill(victims);
    else if (fault === "long stop") await this.#stop(victims);
    else await this.#quit(victims);
  }

  /** Everybody says a last word, has everything and leaves. */
  async end(): Promise<StormResult> {
    for (const name of this.#gossips.names) this.#longest("faultyWordMs", await this.#say(name));
    this.#assertAllHaveAll();
    this.#lookForAlarms();
    const nodes = [...this.#nodes.values()];
    for (const node of nodes) await node.type("quit\n");
    for (const node of nodes) {
      const { code, stderr } = await node.end();
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    }
    return this.#result;
  }

  async #kill(victims: readonly string[]): Promise<void> {
    for (const name of victims) this.#nodes.get(name)!.kill("SIGKILL");
    this.#longest("killMs", await this.#untilGone(victims));
    await this.#startAgain(victims, () => this.#random.below(2) === 0);
  }

  async #quit(victims: readonly string[]): Promise<void> {
    for (const name of victims) await this.#nodes.get(name)!.type("quit\n");
    this.#longest("quitMs", await this.#untilGone(victims));
    // Nobody looks for those who have said goodbye.
    await this.#startAgain(victims, () => true);
  }

  async #stop(victims: readonly string[]): Promise<void> {
    for (const name of victims) this.#nodes.get(name)!.kill("SIGSTOP");
    this.#longest("stopMs", await this.#untilGone(victims));
    await this.#goOn();
    for (const name of victims) this.#nodes.get(name)!.kill("SIGCONT");
    await this.#untilBack(victims);
  }

  async #stopBriefly(victims: readonly string[]): Promise<void> {
    const { min, max } = SHORT_STOP_MS;
    for (const name of victims) this.#nodes.get(name)!.kill("SIGSTOP");
    await pause(min + this.#random.below(max - min));
    for (const name of victims) this.#nodes.get(name)!.kill("SIGCONT");
    this.#longest("faultyWordMs", await this.#say());
    await pause(ALARM_MS);
    this.#lookForAlarms();
  }

  /** Starts nodes that have ended. Those that don't add one of the others are left to be found. */
  async #startAgain(victims: readonly string[], doesAdd: () => boolean): Promise<void> {
    for (const name of victims) await this.#nodes.get(name)!.end();
    await this.#goOn();
    for (const name of victims) {
      const more = doesAdd() ? ["--peers", this.#draw(1)[0]!] : [];
      this.#nodes.set(name, this.#gossips.start(name, more));
    }
    await this.#untilBack(victims);
  }

  /** The others live on for a while. */
  async #goOn(): Promise<void> {
    this.#longest("faultyWordMs", await this.#say());
    await pause(this.#random.below(AWAY_MS));
    this.#longest("faultyWordMs", await this.#say());
  }

  /** Resolves when all others take these for gone, with the time that it took. */
  async #untilGone(victims: readonly string[]): Promise<number> {
    return await timed(async () => {
      for (const [, node] of this.#present) {
        await node.prints(() => victims.every((name) => !upOf(node).has(name)));
      }
    });
  }

  /** Resolves when all take these for being there, and the other way round, and they have everything
   * that was ever said. */
  async #untilBack(victims: readonly string[]): Promise<void> {
    const ms = await timed(async () => {
      for (const node of this.#nodes.values()) {
        await node.prints(() => upOf(node).size === this.#nodes.size - 1);
      }
      for (const name of victims) {
        const node = this.#nodes.get(name)!;
        await node.prints(() => heardBy(node).length >= this.#texts.length);
      }
    });
    this.#longest("backMs", ms);
    this.#lookForAlarms();
    for (const name of victims) this.#away.delete(name);
  }

  /** Somebody says a word. Resolves when all that are there have it, with the time that it took. */
  async #say(name = this.#draw(1)[0]!): Promise<number> {
    const text = `${this.#texts.length}, says ${name}`;
    this.#texts.push(text);
    this.#result.words++;
    return await timed(async () => {
      await this.#nodes.get(name)!.type(`say ${text}\n`);
      for (const [, node] of this.#present) await hears(node, text);
    });
  }

  /** Those that nothing happens to. */
  get #present(): [string, RunningProcess][] {
    return [...this.#nodes].filter(([name]) => !this.#away.has(name));
  }

  /** Some of those, different ones. */
  #draw(count: number): string[] {
    const names = this.#present.map(([name]) => name);
    return Array.from(
      { length: count },
      () => names.splice(this.#random.below(names.length), 1)[0]!,
    );
  }

  /** Each node told all that was said, and once. */
  #assertAllHaveAll(): void {
    const all = this.#texts.toSorted();
    for (const [name, node] of this.#nodes) assert.deepEqual(heardBy(node), all, name);
  }

  /** Looks at what was said since the last time of nodes that should be there. */
  #lookForAlarms(): void {
    for (const [name, node] of this.#nodes) {
      const events = node.events("peer");
      for (const { name: other, state } of events.slice(this.#lookedAt.get(node) ?? 0)) {
        if (state !== "down" || this.#away.has(String(other))) continue;
        this.#result.falseAlarms++;
        this.#onNews(`false alarm: ${name} says that ${other} is gone`);
      }
      this.#lookedAt.set(node, events.length);
    }
  }

  #longest(what: Exclude<keyof StormResult, "words" | "falseAlarms">, ms: number): void {
    this.#result[what] = Math.max(this.#result[what], ms);
  }
}

/** Takes time from all others until it is disposed of. */
function keepBusy(): Disposable {
  // In turns: a thread that never comes to the end of one can't be ended.
  const turn = "for (const end = performance.now() + 100; performance.now() < end;);";
  const url = `data:application/javascript,setInterval(() => { ${turn} }, 0);`;
  const threads = Array.from(
    { length: BUSY_THREADS },
    () => new Worker(url, { type: "module" }),
  );
  return {
    [Symbol.dispose]() {
      for (const thread of threads) thread.terminate();
    },
  };
}

/** How long something takes, in whole milliseconds. */
async function timed(action: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await action();
  return Math.round(performance.now() - since);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      nodes: { type: "string", default: "50" },
      seconds: { type: "string", default: "600" },
      faults: { type: "string", default: "24" },
      seed: { type: "string" },
    },
  });
  const [nodes, seconds, faults] = [values.nodes, values.seconds, values.faults].map(Number);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const say = (line: string) => {
    const seconds = (performance.now() / 1000).toFixed(1).padStart(6);
    Deno.stdout.writeSync(new TextEncoder().encode(`${seconds} s: ${line}\n`));
  };
  say(`${nodes} nodes, ${seconds} s without and then ${faults} faults, --seed ${seed}`);
  const result = await storm({
    ...{ nodes: nodes!, seconds: seconds!, faults: faults!, seed },
    onNews: say,
  });
  say(`everybody had everything, once, in the end: ${JSON.stringify(result)}`);
  if (result.falseAlarms > 0) Deno.exit(1);
}
