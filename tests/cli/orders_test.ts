/**
 * All orders side by side: each upholds exactly what it promises.
 */

import assert from "node:assert/strict";
import { promised } from "../../src/checkers/judge.ts";
import { type Order, ORDERS } from "../../src/protocols/process.ts";
import type { RunEvent } from "../../src/report/run_event.ts";
import { Group, plain } from "./group.ts";
import { assertClean, type Ending, runsOf, runToEnd } from "./processes.ts";

const ALL = ORDERS.join(",");

/** The runs by order, each with all messages and nothing broken that is promised. */
function cleanRuns(ending: Pick<Ending, "events">, messages: number): Record<Order, RunEvent> {
  const runs = runsOf(ending);
  assert.deepEqual(runs.map(({ order }) => order), ORDERS);
  for (const run of runs) {
    assertClean(run, messages);
    assert.equal(run.messages, messages);
    assert.deepEqual(run.promised, promised(run.order));
  }
  return Object.fromEntries(runs.map((run) => [run.order, run])) as Record<Order, RunEvent>;
}

Deno.test("between the regions of a cloud each order upholds what it promises, and no more", async () => {
  const ending = await runToEnd([
    ...["lab", "--order", ALL, "--peers", "6", "--messages", "50", "--topology", "aws-2020"],
    "--json",
  ]);
  const { none, fifo, causal, lamport, sequencer } = cleanRuns(ending, 300);
  for (const weak of [none, fifo, causal]) {
    assert.equal(weak.properties.total, "violated", weak.order);
    assert.ok(weak.roundsOutOfOrder! > 100, `${weak.order}: ${weak.roundsOutOfOrder}`);
    assert.ok(weak.witness !== null && !weak.promised.includes("total"));
  }
  // On however slow a machine, nobody can be known to have a message before the way to him and back.
  assert.ok(lamport.latencyMs!.p50 > 200, `${lamport.latencyMs!.p50} ms`);
  for (const { order, datagrams, bytes } of [fifo, causal, lamport, sequencer]) {
    assert.ok(datagrams! >= 300 * 5, `${order}: each message goes to five others`);
    assert.ok(bytes! > datagrams! * 20, order);
  }
  assert.equal(ending.code, 0);
});

Deno.test("on a terrible network nothing is lost, doubled or out of the order that is promised", async () => {
  const ending = await runToEnd([
    ...["lab", "--order", "fifo,causal,sequencer", "--peers", "4", "--messages", "100", "--json"],
    ...["--topology", "lan", "--loss", "20%", "--link", "duplicate=10%,reorder=20%"],
  ]);
  const runs = runsOf(ending);
  assert.equal(runs.length, 3);
  for (const run of runs) assertClean(run, 400);
  assert.equal(ending.code, 0);
});

Deno.test("lab runs all five orders unless told otherwise, in one table", async () => {
  const { code, stdout, stderr } = await runToEnd([
    ...["lab", "--peers", "3", "--messages", "20", "--topology", "lan"],
  ]);
  const row = (name: string) =>
    stdout.match(new RegExp(`^${name} +(.*)$`, "m"))?.[1]?.split(/ {2,}/) ?? [];
  assert.match(stdout, /^ +none +fifo +causal +lamport +sequencer$/m);
  assert.deepEqual(row("rounds"), ["60", "60", "60", "60", "60"]);
  for (const property of ["integrity", "validity"]) {
    assert.deepEqual(row(property), Array(5).fill("* holds"));
  }
  assert.deepEqual(row("fifo").slice(1), Array(4).fill("* holds"));
  assert.deepEqual(row("causal").slice(2), Array(3).fill("* holds"));
  assert.deepEqual(row("total").slice(3), Array(2).fill("* holds"));
  for (const name of ["latency p50", "latency p99"]) {
    assert.equal(row(name).length, 5);
    for (const cell of row(name)) assert.match(cell, /^\d+\.\d ms$/);
  }
  for (const cell of row("datagrams per message")) assert.match(cell, /^\d+\.\d$/);
  for (const cell of row("bytes per message")) assert.match(cell, /^\d+$/);
  assert.match(
    stdout,
    /With lamport and sequencer, all 3 processes delivered the same 60 messages/,
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

Deno.test("one lab runs groups of one and of two in every order, and without a message", async () => {
  for (const [peers, messages] of [[1, 20], [2, 30], [2, 0]] as const) {
    const ending = await runToEnd([
      ...["lab", "--peers", `${peers}`, "--messages", `${messages}`, "--topology", "lan"],
      ...["--interval", "0-2ms", "--json", "--quiet"],
    ]);
    cleanRuns(ending, peers * messages);
    assert.equal(ending.code, 0);
  }
});

Deno.test("messages of many fragments keep every order", async () => {
  const ending = await runToEnd([
    ...["lab", "--peers", "3", "--messages", "5", "--payload", "100000", "--topology", "lan"],
    ...["--order", "fifo,causal,sequencer", "--json", "--quiet"],
  ]);
  for (const run of runsOf(ending)) assertClean(run, 15);
  assert.equal(ending.code, 0);
});

Deno.test("compare runs all five on the same peers, and judges their logs again alike", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-orders-" });
  try {
    await using group = await Group.start(...plain(3));
    const ending = await group.compare(
      ...["--peers", "3", "--messages", "30", "--order", ALL, "--interval", "1-3ms"],
      ...["--out", folder],
    );
    const runs = cleanRuns(ending, 90);
    assert.equal(ending.code, 0);
    const again = await runToEnd(["compare", "--logs", folder, "--json"]);
    const judged = runsOf(again);
    assert.deepEqual(judged.map(({ order }) => order).sort(), [...ORDERS].sort());
    for (const { order, promised, properties, messages } of judged) {
      const run = runs[order as Order];
      assert.deepEqual({ promised, properties, messages }, {
        promised: run.promised,
        properties: run.properties,
        messages: run.messages,
      });
    }
    assert.equal(again.code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** An answer that one of three delivered before what it answers. */
const ANSWER_FIRST = [
  ["m0:1", "d0:1", "d1:1"],
  ["d0:1", "m1:1", "d1:1"],
  ["d1:1", "d0:1"],
];

Deno.test("logs are judged by what their order promises: an answer first is wrong in causal alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-orders-" });
  try {
    for (const order of ["fifo", "causal"]) {
      await Deno.mkdir(`${folder}/${order}`);
      for (const [process, deeds] of ANSWER_FIRST.entries()) {
        const lines = deeds.map((deed) => {
          const [sender, seq] = deed.slice(1).split(":").map(Number);
          const event = deed.startsWith("m") ? "multicast" : "deliver";
          return `${JSON.stringify({ event, process, sender, seq })}\n`;
        });
        await Deno.writeTextFile(`${folder}/${order}/${process}.jsonl`, lines.join(""));
      }
    }
    const alone = async (order: string) =>
      await runToEnd(["compare", "--logs", `${folder}/${order}`, "--order", order, "--json"]);
    const [fifo, causal] = await Promise.all([alone("fifo"), alone("causal")]);
    assert.deepEqual([fifo!.code, causal!.code], [0, 3]);
    const [run] = runsOf(causal!);
    assert.equal(run!.properties.causal, "violated");
    assert.equal(
      run!.witness!.sentence,
      "process 2 delivered 1:1 before 0:1, which process 1 had delivered before it multicast 1:1",
    );
    assert.equal((await runToEnd(["compare", "--logs", folder, "--json"])).code, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (
  const [order, bug, property] of [
    ["causal", "dependencies-ignored", "causal"],
    ["sequencer", "numbering-twice", "integrity"],
  ] as const
) {
  Deno.test(`simulate --order ${order} is clean, and ${bug} breaks ${property} on the same seeds`, async () => {
    const simulate = async (...more: string[]) =>
      await runToEnd([
        "simulate",
        "order",
        "--order",
        order,
        "--swarm",
        "--seed",
        "1",
        ...more,
        "--json",
      ]);
    const clean = await simulate("--runs", "40");
    assert.equal(clean.code, 0);
    const wrong = await simulate("--runs", "40", "--bug", bug);
    assert.equal(wrong.code, 3);
    assert.ok(
      wrong.events.some((event) => event.event === "violation" && event.property === property),
    );
  });
}

Deno.test("a mistake in another order than the one that is simulated is refused", async () => {
  const { code, stderr } = await runToEnd([
    ...["simulate", "order", "--order", "causal", "--bug", "numbering-twice"],
  ]);
  assert.match(stderr, /numbering-twice is a mistake in sequencer, not in causal/);
  assert.equal(code, 2);
});
