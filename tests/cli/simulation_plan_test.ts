import assert from "node:assert/strict";
import { parseOptions } from "../../src/cli/parse_options.ts";
import * as command from "../../src/cli/simulate_order_command.ts";
import { seedOf, SimulationPlan } from "../../src/cli/simulation_plan.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

/** The plan of a command line, and its seed. */
async function planOf(line: string): Promise<{ plan: SimulationPlan; seed: number }> {
  const prefix = "mpcomm simulate order ";
  assert.ok(line.startsWith(prefix), line);
  const options = parseOptions(command, line.slice(prefix.length).split(" "));
  return { plan: await SimulationPlan.from(options), seed: options.seed ?? NaN };
}

/** The run that a command line repeats. */
async function runOf(line: string) {
  const { plan, seed } = await planOf(line);
  return plan.run(seed);
}

Deno.test("a command line can say exactly what a swarm has drawn", async () => {
  const { plan } = await planOf("mpcomm simulate order --swarm");
  for (let seed = 0; seed < 300; seed++) {
    const drawn = drawSwarmRun(seed, "lamport");
    assert.deepEqual(plan.run(seed), drawn);
    assert.deepEqual(await runOf(plan.replay(seed)), drawn);
    const spelledOut = plan.spellOut(drawn);
    assert.ok(!spelledOut.includes("--swarm"));
    assert.deepEqual(await runOf(spelledOut), drawn, spelledOut);
  }
});

Deno.test("options beside --swarm count more than what is drawn, in the replay too", async () => {
  const { plan } = await planOf(
    "mpcomm simulate order --swarm --order none --peers 7 --loss 0% --partition-mode isolate " +
      "--interval 1-2ms --delay-min 50ms --check total,fifo",
  );
  for (let seed = 10; seed < 40; seed++) {
    const run = plan.run(seed);
    const { holdbackLimit: _, aheadLimit: __, ...drawn } = drawSwarmRun(seed, "none");
    assert.deepEqual(run, {
      ...drawn,
      ...{ processes: 7, intervalMinMs: 1, intervalMaxMs: 2 },
      faults: {
        ...drawn.faults,
        ...{ lossRate: 0, partitionModes: ["isolate"], delayMinMs: 50 },
        delayMeanMs: Math.max(50, drawn.faults.delayMeanMs),
      },
    });
    const replay = await planOf(plan.replay(seed));
    assert.deepEqual(replay.plan.run(replay.seed), run);
    assert.deepEqual(replay.plan.demanded, ["total", "fifo"]);
    assert.deepEqual(await runOf(plan.spellOut(run)), run);
  }
});

Deno.test("of two delays that don't fit, the one that wasn't asked for gives way", async () => {
  const delays = async (words: string) => {
    const { faults } = await runOf(`mpcomm simulate order --seed 1 ${words}`);
    return [faults.delayMinMs, faults.delayMeanMs];
  };
  assert.deepEqual(await delays("--delay-min 20ms"), [20, 20]);
  assert.deepEqual(await delays("--delay-mean 20ms"), [1, 20]);
  assert.deepEqual(await delays("--delay-mean 500us"), [0.5, 0.5]);
});

Deno.test("without --swarm and with an option, all others have their defaults", async () => {
  const { plan } = await planOf("mpcomm simulate order --peers 2 --messages 1000 --crashes 1");
  assert.equal(plan.isSwarm, false);
  const run = plan.run(3);
  assert.deepEqual([run.processes, run.messages, run.payloadBytes], [2, 1000, 100]);
  assert.deepEqual([run.faults.crashes, run.faults.lossRate, run.faults.delayMeanMs], [1, 0, 1]);
  assert.equal(run.faultPeriodMs, 20_000, "as long as there is something to multicast");
  assert.deepEqual(await runOf(plan.replay(3)), run);
  assert.deepEqual(await runOf(plan.spellOut(run)), run);
});

Deno.test("without any option about the runs, they are a swarm", async () => {
  assert.equal((await planOf("mpcomm simulate order --seed 3")).plan.isSwarm, true);
  assert.equal((await planOf("mpcomm simulate order --bug sort-at-end")).plan.isSwarm, true);
  assert.equal((await planOf("mpcomm simulate order --topology lan")).plan.isSwarm, false);
  assert.equal((await planOf("mpcomm simulate order --liveness 9s")).plan.isSwarm, false);
});

Deno.test("a topology's delays stand alone unless more are asked for, and are repeated", async () => {
  for (const more of ["", " --delay-min 3ms", " --swarm --loss 5%"]) {
    const { plan } = await planOf(`mpcomm simulate order --topology aws-2020${more}`);
    const run = plan.run(5);
    assert.equal(run.links?.(0, 1).delayMs, 36.25);
    assert.equal(run.links?.(9, 9).delayMs, 0.15, "regions are given out in turn");
    if (more === "") assert.deepEqual([run.faults.delayMinMs, run.faults.delayMeanMs], [0, 0]);
    for (const line of [plan.replay(5), plan.spellOut(run)]) {
      const { links, ...again } = await runOf(line);
      assert.deepEqual({ ...again, links: null }, { ...run, links: null });
      assert.deepEqual(links?.(0, 1), run.links?.(0, 1));
    }
  }
});

Deno.test("a run that has lost its topology is spelled out without it", async () => {
  const { plan } = await planOf("mpcomm simulate order --topology lan");
  const run = { ...plan.run(5), links: null };
  const spelledOut = plan.spellOut(run);
  assert.ok(!spelledOut.includes("--topology"));
  assert.deepEqual(await runOf(spelledOut), run);
});

Deno.test("a deliberate mistake brings its order, and is in the replay", async () => {
  const { plan } = await planOf("mpcomm simulate order --bug stop-overtakes");
  assert.equal(plan.order, "lamport");
  const { plan: again, seed } = await planOf(plan.replay(12));
  assert.equal(again.bug, plan.bug);
  assert.equal(again.run(seed).makeGroup, plan.bug?.makeGroup);
  assert.match(plan.replay(12), /--runs 1( |$)/, "exactly this run");
});

Deno.test("seeds wrap around where the option ends", () => {
  assert.deepEqual([seedOf(7, 0), seedOf(7, 5), seedOf(2 ** 32 - 1, 2)], [7, 12, 1]);
});

Deno.test("names of files are quoted for the shell", async () => {
  const file = await Deno.makeTempFile({ prefix: "it's a topology " });
  try {
    await Deno.writeTextFile(file, "a b delay=5ms\n");
    const plan = await SimulationPlan.from(parseOptions(command, ["--topology", file]));
    const echo = await new Deno.Command("sh", {
      args: ["-c", `printf '%s\\n' ${plan.replay(1)}`],
    }).output();
    const words = new TextDecoder().decode(echo.stdout).split("\n");
    assert.ok(words.includes(file), words.join("|"));
  } finally {
    await Deno.remove(file);
  }
});
