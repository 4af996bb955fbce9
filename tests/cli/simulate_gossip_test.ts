import assert from "node:assert/strict";
import { PAPER_TABLES } from "../../src/simulator/demers_1987.ts";
import { mpcomm } from "./mpcomm.ts";
import { assertRefused, type PrintedEvent, RunningProcess, runToEnd } from "./processes.ts";

const GOSSIP = ["simulate", "gossip"];

/** Runs it for programs; returns what it printed. */
async function simulate(line: string): Promise<readonly PrintedEvent[]> {
  const ending = await runToEnd([...GOSSIP, ...line.split(" "), "--json", "--quiet"]);
  assert.deepEqual([ending.code, ending.stderr], [0, ""]);
  assert.equal(ending.stdout.split("\n").length - 1, ending.events.length, "nothing but JSON");
  return ending.events;
}

Deno.test("each k has one line, with what the trials came to", async () => {
  const line = "--nodes 1000 --mode push --feedback --stop counter --k 1..3 --trials 100 --seed 5";
  const events = await simulate(line);
  assert.deepEqual(events.map(({ event, k }) => [event, k]), [1, 2, 3].map((k) => ["gossip", k]));
  for (const [i, { residue, traffic, tLast, tAverage }] of events.entries()) {
    const paper = PAPER_TABLES[0]!.rows[i]!;
    assert.ok(Math.abs(Number(residue) / paper.residue - 1) < 0.15, String(residue));
    assert.ok(Math.abs(Number(traffic) / paper.traffic - 1) < 0.05, String(traffic));
    assert.ok(Math.abs(Number(tLast) - paper.tLast) < 0.5, String(tLast));
    assert.ok(Number(tAverage) > 9 && Number(tAverage) < 11, String(tAverage));
  }
  const { mode, reaction, stop, nodes, fanout, trials, seed } = events[0]!;
  assert.deepEqual(
    { mode, reaction, stop, nodes, fanout, trials, seed },
    {
      ...{ mode: "push", reaction: "feedback", stop: "counter", nodes: 1000, fanout: 1 },
      ...{ trials: 100, seed: 5 },
    },
  );
});

Deno.test("the same seed does the same, and another one something else", async () => {
  const line = "--nodes 50 --mode pull --blind --stop coin --k 2 --trials 20 --seed";
  const [first, second, other] = await Promise.all(
    [1, 1, 2].map((seed) => simulate(`${line} ${seed}`)),
  );
  assert.deepEqual(first, second);
  assert.notDeepEqual(first![0]!.traffic, other![0]!.traffic);
});

Deno.test("every option makes a difference", async () => {
  const line = "--nodes 200 --k 3 --trials 20 --seed 1";
  const changed = [
    "--mode pull",
    "--mode push-pull",
    "--blind",
    "--stop coin",
    "--fanout 2",
    "--nodes 300",
  ];
  const lines = changed.map((change) =>
    change.startsWith("--nodes") ? line.replace("--nodes 200", change) : `${line} ${change}`
  );
  const traffic = new Set<unknown>();
  for (const each of [line, ...lines]) traffic.add((await simulate(each))[0]!.traffic);
  assert.equal(traffic.size, 1 + changed.length);
  const [plain, said] = [await simulate(line), await simulate(`${line} --feedback`)];
  assert.deepEqual(plain, said, "feedback is the default");
});

Deno.test("one trial has no error that is known", async () => {
  const [event] = await simulate("--nodes 2 --k 1 --trials 1 --seed 1");
  assert.deepEqual(
    [event!.residue, event!.traffic, event!.tLast, event!.tAverage],
    [0, 1.5, 1, 0.5],
  );
  assert.deepEqual(event!.standardErrors, {
    ...{ residue: null, traffic: null, tLast: null, tAverage: null },
  });
});

Deno.test("people get a table, and are told what its columns are", async () => {
  const line = "--nodes 100 --k 1..2 --trials 20 --seed 3";
  const { code, stdout, stderr } = await mpcomm([...GOSSIP, ...line.split(" ")]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  assert.equal(
    lines[0],
    "Simulating a rumor among 100 nodes (push, feedback, counter), 20 trials for each k, from seed 3",
  );
  assert.match(lines[1]!, /^k +residue +traffic +last heard +average$/);
  assert.match(lines[2]!, /^1 +0\.\d+ +1\.\d+ +\d+\.\d +\d\.\d$/);
  assert.match(lines[3]!, /^2 +0\.\d+ +\d\.\d+ +\d+\.\d +\d\.\d$/);
  assert.match(lines[4]!, /^Residue: the share of nodes that never heard it\. /);
  assert.equal(lines.length, 5);
});

Deno.test("a seed that isn't given is told", async () => {
  const { stdout } = await mpcomm([...GOSSIP, "--nodes", "20", "--k", "2", "--trials", "5"]);
  const seed = /from seed (\d+)$/m.exec(stdout)?.[1];
  const again = await mpcomm(
    [...GOSSIP, ..."--nodes 20 --k 2 --trials 5 --seed".split(" "), seed!],
  );
  assert.equal(again.stdout, stdout);
});

Deno.test("against the paper: each row has the paper's figures and how far ours are from them", async () => {
  const events = await simulate("--against demers --trials 30 --seed 1");
  const rows = events.filter(({ event }) => event === "gossip");
  assert.deepEqual(
    rows.map(({ table, k, paper }) => ({ table, k, paper })),
    PAPER_TABLES.flatMap(({ number, rows }) =>
      rows.map((paper, i) => ({ table: number, k: i + 1, paper }))
    ),
  );
  const verdicts = { within: 0, beyond: 0, undecided: 0 };
  for (const { residue, traffic, tLast, nodes, trials, paper, deviation, verdict } of rows) {
    assert.deepEqual([nodes, trials], [1000, 30]);
    const ours = { residue, traffic, tLast } as Record<string, number>;
    const theirs = paper as Record<string, number>;
    for (const [measure, value] of Object.entries(deviation as Record<string, number>)) {
      const distance = ours[measure]! - theirs[measure]!;
      const expected = measure === "tLast" ? distance : distance / theirs[measure]!;
      assert.ok(Math.abs(value - expected) < 1e-9, measure);
    }
    for (const one of Object.values(verdict as Record<string, "within">)) verdicts[one]++;
  }
  assert.deepEqual(events.at(-1), {
    ...{ event: "against", paper: "demers", figures: 39, ...verdicts },
  });
  assert.ok(verdicts.within >= 25, JSON.stringify(verdicts));
});

Deno.test("against the paper: people get its three tables beside ours, and whether all are within", async () => {
  const line = "--against demers --trials 5 --seed 1";
  const { code, stdout, stderr } = await mpcomm([...GOSSIP, ...line.split(" ")]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const title of ["push, feedback, counter", "push, blind, coin", "pull, feedback, counter"]) {
    assert.match(stdout, new RegExp(`^Table \\d: ${title}\nk +residue +paper +traffic`, "m"));
  }
  assert.match(stdout, /^1 +0\.1\d+ +0\.18 +[+-]\d+\.\d% +1\.\d+ +1\.7 /m);
  const last = stdout.trimEnd().split("\n").at(-1)!;
  assert.match(
    last,
    /^(All 39|\d\d of 39) figures are within the marks\. .*The marks: residue 10 %/,
  );
});

Deno.test("Ctrl-C ends it after what has been done", async () => {
  const line = "--k 1..100 --trials 300 --seed 1 --json";
  await using running = RunningProcess.start([...GOSSIP, ...line.split(" ")]);
  await running.count("gossip", 2);
  running.kill("SIGINT");
  const { code, events, stderr } = await running.end();
  assert.equal(code, 130);
  assert.ok(events.length >= 2 && events.length < 100, String(events.length));
  assert.match(stderr, /^ *2 +0\.03/m);
});

Deno.test("Ctrl-C leaves a trial that takes long", async () => {
  const line = "--nodes 1000000 --mode pull --k 100 --trials 1000000";
  await using running = RunningProcess.start([...GOSSIP, ...line.split(" ")]);
  await running.output(/^Simulating/);
  running.kill("SIGINT");
  const { code, stdout } = await running.end();
  assert.equal(code, 130);
  assert.match(stdout, /^No trial came to its end\.$/m);
});

const WRONG: readonly (readonly [line: string, complaint: string])[] = [
  [
    "--k 5..1",
    '--k: expected a whole number from 1 to 1000, or a range such as 1..1000, got "5..1"',
  ],
  ["--k 0", '--k: expected a whole number from 1 to 1000, or a range such as 1..1000, got "0"'],
  ["--nodes 1", '--nodes: expected a whole number from 2 to 1000000, got "1"'],
  ["--trials 0", '--trials: expected a whole number from 1 to 1000000, got "0"'],
  ["--mode pus", '--mode: There is no mode "pus": did you mean push?'],
  ["--stop never", '--stop: There is no rule "never": use counter, coin'],
  ["--feedback --blind", "--feedback and --blind cannot be used together"],
  ["--nodes 3 --fanout 3", "--fanout: a node has 2 partners at most, got 3"],
  ["--against lamport", '--against: There is no paper "lamport": use demers'],
  ["--against demers --k 3", "--against and --k cannot be used together"],
  ["--swarms", 'unknown option "--swarms" (did you mean "--swarm"?)'],
  ["nodes", 'unexpected argument "nodes"'],
];

for (const [line, complaint] of WRONG) {
  Deno.test(`simulate gossip ${line} is refused in one line`, async () => {
    const ending = await runToEnd([...GOSSIP, ...line.split(" ")]);
    assertRefused(ending, 2, `mpcomm simulate gossip: ${complaint}`);
  });
}
