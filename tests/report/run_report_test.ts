import assert from "node:assert/strict";
import type { RunEvent } from "../../src/report/run_event.ts";
import { tellRuns } from "../../src/report/run_story.ts";
import { formatRuns } from "../../src/report/run_table.ts";

const PLAIN = { bold: same, dim: same, red: same, green: same };

function same(text: string): string {
  return text;
}

function run(order: string, changes: Partial<RunEvent> = {}): RunEvent {
  return {
    event: "run",
    order,
    peers: 3,
    messagesPerPeer: 10,
    rounds: 30,
    roundsOutOfOrder: 0,
    lost: 0,
    duplicated: 0,
    properties: {
      integrity: "holds",
      validity: "holds",
      agreement: "holds",
      fifo: "holds",
      causal: "holds",
      total: "holds",
    },
    promised: ["integrity", "total"],
    latencyMs: { p50: 80, p99: 120.25, max: 130 },
    latencyOf: "last-delivery",
    datagrams: 100,
    bytes: 5000,
    witness: null,
    ...changes,
  };
}

const DISORDER = run("none", {
  roundsOutOfOrder: 21,
  lost: 4,
  latencyMs: { p50: 40, p99: 60, max: 61 },
  promised: ["integrity"],
  properties: { ...run("none").properties, total: "violated", agreement: "inconclusive" },
});

Deno.test("the table has a column for each order, and a star where the order promises", () => {
  assert.equal(
    formatRuns([DISORDER, run("lamport")], PLAIN),
    `                             none   lamport
rounds                         30        30
rounds out of order            21         0
lost                            4         0
duplicated                      0         0
integrity                 * holds   * holds
validity                    holds     holds
agreement            inconclusive     holds
fifo                        holds     holds
causal                      holds     holds
total                    violated   * holds
latency p50               40.0 ms   80.0 ms
latency p99               60.0 ms  120.3 ms
datagrams                     100       100
bytes                        5000      5000
* promised by the order; latency from multicast to the last process's delivery`,
  );
});

Deno.test("rates have a row where they were measured, and unknown latencies a dash", () => {
  const judged = run("lamport", {
    datagrams: null,
    bytes: null,
    latencyMs: null,
    latencyOf: "own-delivery",
    deliveredPerSecond: 123_456,
  });
  const table = formatRuns([judged], PLAIN);
  assert.match(table, /latency p50 +-\n/);
  assert.match(table, /delivered per second +123,456\n/);
  assert.doesNotMatch(table, /datagrams/);
  assert.match(table, /the sender's own delivery/);
});

Deno.test("the story says what is to be seen: disorder, order, and its price", () => {
  assert.deepEqual(tellRuns([DISORDER, run("lamport")]), [
    "Without coordination (none) the 3 processes disagreed in 21 of 30 rounds: 4 deliveries never " +
    "came, and each process took the messages in an order of its own.",
    "With Lamport timestamps (lamport) all 3 processes delivered the same 30 messages in the same " +
    "order.",
    "That is the price of order: half of the messages took 80 ms instead of 40 ms, because a " +
    "process waits until nothing can come that belongs before.",
  ]);
});

Deno.test("nothing is told that isn't so", () => {
  assert.deepEqual(tellRuns([run("lamport", { peers: 1, rounds: 10 })]), []);
  assert.deepEqual(tellRuns([run("lamport", { rounds: 0, messagesPerPeer: 0 })]), []);
  assert.deepEqual(tellRuns([run("lamport", { lost: 1 })]), []);
  const inconclusive = { ...run("x").properties, total: "inconclusive" as const };
  assert.deepEqual(tellRuns([run("lamport", { properties: inconclusive })]), []);
});
