/**
 * Many processes that want one lock at once, while nodes are killed, stopped and started again. The
 * oracle is another lock: flock(1), of which none may ever be in the way of another.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Random } from "../../src/protocols/random.ts";
import type { RunningProcess } from "./processes.ts";
import { Ring } from "./rings.ts";

const NAMES = ["a", "b", "c", "d", "e"];

/** What flock exits with if somebody else has its lock. */
const VIOLATED = 99;

/** So long a command has the lock while nothing goes wrong, and at most, in seconds: longer than a
 * lease, which is prolonged meanwhile. */
const SECTION_SECONDS = 0.01;
const LONGEST_SECTION_SECONDS = 3;

/** What a storm has seen. */
export interface StormResult {
  /** Commands that ended well. */
  readonly sections: number;
  /** Those that lost the lock, or whose node was gone. */
  readonly lost: number;
  /** Nodes that were killed, and that were stopped. */
  readonly kills: number;
  readonly stops: number;
  /** The same of processes that waited for the lock or had it. */
  readonly lockKills: number;
  readonly lockStops: number;
}

/**
 * Each of five nodes runs a command `times` times, all at once.
 *
 * @throws {AssertionError} if one fails, if two run at a time, or if a fencing number isn't above the one
 * before.
 */
export async function lockAtOnce(times: number): Promise<Pick<StormResult, "sections">> {
  await using ring = await Ring.of(...NAMES);
  await ring.startAll();
  await Promise.all(NAMES.map(async (name) => {
    for (let i = 0; i < times; i++) {
      const { code, stderr } = await startSection(ring, name).end();
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    }
  }));
  const fences = fencesOf(ring);
  assertIncreasing(fences);
  assert.equal(fences.length, NAMES.length * times);
  return { sections: fences.length };
}

/**
 * The same for some time, while nodes and those that use them are killed, or stopped for longer than
 * their leases, and nodes are started again. Most commands are short, some longer than a lease.
 *
 * @throws {AssertionError} if two commands run at a time, if a fencing number isn't above the one before,
 * or if somebody isn't served in the end.
 */
export async function storm(
  seconds: number,
  seed: number,
  onFault: (what: string) => void,
): Promise<StormResult> {
  await using ring = await Ring.of(...NAMES);
  const random = new Random(seed);
  const nodes = new Map(NAMES.map((name) => [name, ring.start(name, "--start")]));
  const locks = new Map<string, RunningProcess>();
  const end = performance.now() + 1000 * seconds;
  const counts = { sections: 0, lost: 0, kills: 0, stops: 0, lockKills: 0, lockStops: 0 };
  const workers = NAMES.map(async (name) => {
    while (performance.now() < end) {
      const lock = startSection(ring, name, sectionSeconds(random));
      locks.set(name, lock);
      const { code, stderr } = await lock.end();
      assert.notEqual(code, VIOLATED, "two have the lock at a time");
      assert.ok([0, 1, 76, 137, 143].includes(code), `${code}: ${stderr}`);
      if (code === 0) counts.sections++;
      else counts.lost++;
    }
  });
  const faults = (async () => {
    while (performance.now() < end) {
      await pause(300 + random.below(1500));
      const name = NAMES[random.below(NAMES.length)]!;
      const [node, lock] = [nodes.get(name)!, locks.get(name)!];
      const fault = random.below(4);
      onFault(`${fault < 2 ? "kill -9" : "stop"} ${fault % 2 === 0 ? "" : "lock of "}${name}`);
      if (fault === 0) {
        counts.kills++;
        node.kill("SIGKILL");
        await node.end();
        await pause(random.below(2000));
        nodes.set(name, await startAgain(ring, name));
      } else if (fault === 1) {
        counts.lockKills++;
        lock.kill("SIGKILL");
      } else if (fault === 2) {
        counts.stops++;
        await stopFor(node, 500 + random.below(4000));
      } else {
        counts.lockStops++;
        await stopFor(lock, 500 + random.below(4000));
      }
    }
  })();
  await Promise.all([...workers, faults]);
  // All are alive: everybody is served.
  const last = await Promise.all(NAMES.map((name) => startSection(ring, name).end()));
  for (const { code, stderr } of last) assert.equal(code, 0, stderr);
  assertIncreasing(fencesOf(ring));
  return counts;
}

/** Starts a node again. A command that found no node is one itself until it is done. */
async function startAgain(ring: Ring, name: string): Promise<RunningProcess> {
  for (;;) {
    const node = ring.start(name);
    const isUp = await node.event("listening").then(() => true, () => false);
    if (isUp) return node;
    await node.end();
  }
}

async function stopFor(node: RunningProcess, ms: number): Promise<void> {
  node.kill("SIGSTOP");
  await pause(ms);
  node.kill("SIGCONT");
}

/** One in four is long. */
function sectionSeconds(random: Random): number {
  const longest = random.below(4) === 0 ? LONGEST_SECTION_SECONDS : 0.2;
  return SECTION_SECONDS + longest * random.float();
}

/** Starts a command under both locks. It writes its fencing number down. */
function startSection(ring: Ring, name: string, seconds = SECTION_SECONDS): RunningProcess {
  const { folder } = ring;
  const script = `echo "$MPCOMM_FENCE" >>"${folder}/fences"; sleep ${seconds.toFixed(3)}`;
  const flock = ["flock", "-n", "-E", String(VIOLATED), `${folder}/oracle`, "sh", "-c", script];
  return ring.lock(name, [], flock);
}

function fencesOf({ folder }: Ring): number[] {
  return Deno.readTextFileSync(`${folder}/fences`).trim().split("\n").map(Number);
}

function assertIncreasing(fences: readonly number[]): void {
  for (const [i, fence] of fences.entries()) {
    assert.ok(i === 0 || fence > fences[i - 1]!, `${fences[i - 1]} and then ${fence}`);
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      times: { type: "string", default: "200" },
      seconds: { type: "string", default: "120" },
      seed: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  const { sections } = await lockAtOnce(Number(values.times));
  say(`${sections} sections at ${NAMES.length} nodes: none in another's way, all in order`);
  say(`now for ${values.seconds} s with faults, --seed ${seed}`);
  const result = await storm(Number(values.seconds), seed, say);
  say(`none in another's way, everybody served in the end: ${JSON.stringify(result)}`);
}
