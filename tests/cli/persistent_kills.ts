/**
 * Kills the coordinator and participants of a persistent multicast at random moments under load, and
 * judges the logs. `deno run -A tests/cli/persistent_kills.ts [--kills 100] [--seed S]` is a campaign
 * of its own; the tests run a few.
 *
 * @module
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { RequestStream } from "../../src/hosts/request_stream.ts";
import { Random } from "../../src/protocols/random.ts";
import { PersistentGroup } from "./persistent_group.ts";
import type { RunningProcess } from "./processes.ts";

const IDS = ["a", "b", "c"] as const;

/** So many messages are sent ahead of their acknowledgements. */
const WINDOW = 300;

/** Between two kills come so many acknowledgements at most. */
const ACKNOWLEDGEMENTS_MAX = 1500;

/** What a campaign came to. */
export interface CampaignResult {
  readonly coordinatorKills: number;
  readonly participantKills: number;
  /** Messages that were acknowledged. */
  readonly acknowledged: number;
}

/**
 * Kills so many times, and lets who was killed start again.
 *
 * @throws {AssertionError} if a promise is broken: every acknowledged message is in every log, once,
 * and all logs are the same.
 */
export async function killUnderLoad(
  kills: number,
  seed: number,
  onKill: (who: string, acknowledged: number) => void = () => {},
): Promise<CampaignResult> {
  await using group = await PersistentGroup.start();
  const random = new Random([seed]);
  const participants = new Map<string, RunningProcess>();
  for (const [i, one] of (await group.startAll(...IDS)).entries()) participants.set(IDS[i]!, one);
  const load = new Load(group, random);
  await using _ = { [Symbol.asyncDispose]: () => load.close() };
  let coordinatorKills = 0;
  for (let i = 0; i < kills; i++) {
    await load.more(1 + random.below(ACKNOWLEDGEMENTS_MAX));
    // Somewhere in a turn of the event loop, or between two.
    await new Promise((resolve) => setTimeout(resolve, random.below(5)));
    const who = ["coordinator", "coordinator", ...IDS][random.below(2 + IDS.length)]!;
    onKill(who, load.acknowledged.size);
    if (who === "coordinator") {
      coordinatorKills++;
      group.coordinator.kill("SIGKILL");
      await group.coordinator.end();
      await group.restartCoordinator();
    } else {
      participants.get(who)!.kill("SIGKILL");
      await participants.get(who)!.end();
      participants.set(who, group.start(who, "--exec", "reconnect"));
      // The next one may be killed while this one catches up, and this one too.
      if (random.below(2) === 0) await participants.get(who)!.event("connected");
    }
  }
  await load.finish();
  await group.caughtUp(...IDS);
  judge(group, load.acknowledged);
  return {
    coordinatorKills,
    participantKills: kills - coordinatorKills,
    acknowledged: load.acknowledged.size,
  };
}

/** Sends without a pause, in the names of all. */
class Load {
  readonly #stream: RequestStream;
  readonly #random: Random;
  readonly #prefix = crypto.randomUUID();
  readonly #sending: Promise<unknown>;
  #sent = 0;
  #isFinished = false;
  #enough = Infinity;
  #wake: () => void = () => {};
  /** The acknowledged texts, and their numbers. */
  readonly acknowledged = new Map<string, number>();

  constructor(group: PersistentGroup, random: Random) {
    this.#stream = new RequestStream(group.address, { patienceMs: 60_000 });
    this.#random = new Random([random.below(1 << 30)]);
    this.#sending = Promise.all(Array.from({ length: WINDOW }, () => this.#send()));
    this.#sending.catch(() => {}); // Whoever waits for more is told of it.
  }

  /** Resolves after so many more acknowledgements. */
  async more(count: number): Promise<void> {
    this.#enough = this.acknowledged.size + count;
    await Promise.race([new Promise<void>((resolve) => this.#wake = resolve), this.#sending]);
  }

  /** Sends nothing more. Resolves when all is acknowledged. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    await this.#sending;
  }

  /** Gives up. */
  async close(): Promise<void> {
    this.#isFinished = true;
    await this.#stream.close();
  }

  /** One message after the other. */
  async #send(): Promise<void> {
    while (!this.#isFinished) {
      const number = ++this.#sent;
      const text = `${number} ${"x".repeat(this.#random.below(200))}`;
      const reply = await this.#stream.send({
        ...{ type: "msend", request: `${this.#prefix}-${number}`, id: IDS[number % IDS.length]! },
        payload: new TextEncoder().encode(text),
      });
      assert.ok(reply.type === "ok", JSON.stringify(reply));
      this.acknowledged.set(text, reply.seq);
      if (this.acknowledged.size >= this.#enough) this.#wake();
    }
  }
}

function judge(group: PersistentGroup, acknowledged: ReadonlyMap<string, number>): void {
  const [log, ...others] = IDS.map((id) => group.log(id));
  log!.forEach(({ seq }, i) => assert.equal(seq, i + 1, "from the first on, without a gap"));
  for (const other of others) assert.deepEqual(other, log);
  const seqs = new Map(log!.map(({ text, seq }) => [text, seq]));
  assert.equal(seqs.size, log!.length, "nothing was stored twice");
  for (const [text, seq] of acknowledged) assert.equal(seqs.get(text), seq, text);
  for (const { text, sender } of log!) {
    assert.equal(sender, IDS[Number(text.split(" ")[0]) % IDS.length]);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { kills: { type: "string", default: "100" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  say(`${values.kills} kills, --seed ${seed}`);
  let count = 0;
  const result = await killUnderLoad(Number(values.kills), seed, (who, acknowledged) => {
    say(`kill ${++count}: ${who}, after ${acknowledged} acknowledgements`);
  });
  say(`every acknowledged message is in every log, once, in one order: ${JSON.stringify(result)}`);
}
