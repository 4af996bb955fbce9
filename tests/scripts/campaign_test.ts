import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runCampaign } from "../../scripts/campaign.ts";
import { PERMISSIONS } from "../../src/hosts/self_command.ts";
import { type Order, ORDERS } from "../../src/protocols/process.ts";
import { ORDER_BUGS } from "../../src/simulator/bugs.ts";
import { simulateOrder } from "../../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

const CAMPAIGN = fileURLToPath(new URL("../../scripts/campaign.ts", import.meta.url));

function startCampaign(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...PERMISSIONS, CAMPAIGN, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outputOf(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("every order has its turn with each seed, and the real protocols break nothing", async () => {
  assert.deepEqual(await outputOf(startCampaign("--seed", "1", "--runs", "3")), {
    code: 0,
    stdout: `From seed 1, orders ${ORDERS.join(", ")}\n15 runs, no promise broken\n`,
    stderr: "",
  });
});

Deno.test("a promise that is broken is printed when it is, with the command that repeats it", async () => {
  const { makeGroup } = ORDER_BUGS.get("dependencies-ignored")!;
  const lines: string[] = [];
  const failed = await runCampaign({
    seed: 2 ** 32 - 10,
    runs: 20,
    orders: ["fifo", "causal"],
    say: (line) => lines.push(line),
    simulate: (seed, order) => {
      const run = drawSwarmRun(seed, order);
      return simulateOrder(order === "causal" ? { ...run, makeGroup } : run);
    },
  });
  const count = failed.get("causal")!;
  assert.equal(failed.get("fifo"), 0);
  assert.ok(count > 1, `${count} runs fail`);
  assert.equal(lines.length, 2 + 2 * count);
  const told = lines[1]!.match(
    /^causal, seed (\d+): causal is violated: process \d delivered .*\.$/,
  );
  assert.equal(
    lines[2],
    `  mpcomm simulate order --seed ${told?.[1]} --order causal --runs 1 --swarm`,
  );
  assert.equal(lines.at(-1), `40 runs, of which failed: ${count} of causal`);
});

Deno.test("seeds begin again behind the last one that there is", async () => {
  const seen: [seed: number, order: Order][] = [];
  await runCampaign({
    seed: 2 ** 32 - 1,
    runs: 2,
    orders: ["fifo", "causal"],
    say: () => {},
    simulate: (seed, order) => {
      seen.push([seed, order]);
      return simulateOrder({ ...drawSwarmRun(1, order), messages: 0 });
    },
  });
  const last = 2 ** 32 - 1;
  assert.deepEqual(seen, [[last, "fifo"], [last, "causal"], [0, "fifo"], [0, "causal"]]);
});

Deno.test({
  name: "without a number of runs it goes on until Ctrl-C, and says what it has done",
  ignore: Deno.build.os === "windows",
  async fn() {
    const child = startCampaign();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    let stdout = "";
    for await (const text of lines) {
      // The first line says that the campaign has begun and hears signals.
      if (stdout === "") child.kill("SIGINT");
      stdout += text;
    }
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    assert.match(stdout, /^From seed \d+, orders none, .*\n\d+ runs, no promise broken\n$/);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  },
});

Deno.test("what isn't a number, or no option, is refused in one line", async () => {
  for (const args of [["--seed", "x"], ["--runs", "1.5"], ["--runs", "-1"], ["--speed", "1"]]) {
    const { code, stdout, stderr } = await outputOf(startCampaign(...args));
    assert.match(stderr, /^campaign: [^\n]+\n$/, args.join(" "));
    assert.deepEqual([code, stdout], [2, ""]);
  }
});
