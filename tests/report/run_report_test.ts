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
    messages: 30,
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
    ownLatencyMs: { p50: 0.1625, p99: 70.04, max: 71 },
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
    `                               none   lamport
rounds                           30        30
rounds out of order              21         0
lost                              4         0
duplicated                        0         0
integrity                   * holds   * holds
validity                      holds     holds
agreement              inconclusive     holds
fifo                          holds     holds
causal                        holds     holds
total                      violated   * holds
latency p50                 40.0 ms   80.0 ms
latency p99                 60.0 ms  120.3 ms
own delivery p50           0.163 ms  0.163 ms
own delivery p99            70.0 ms   70.0 ms
datagrams per message           3.3       3.3
bytes per message               167       167
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

Deno.test("what is not known without logs has a dash, and nothing is told of it", () => {
  const unknown = {
    log: "none" as const,
    messages: null,
    roundsOutOfOrder: null,
    lost: null,
    duplicated: null,
    latencyMs: null,
    ownLatencyMs: null,
  };
  const table = formatRuns([run("fifo", unknown)], PLAIN);
  for (const row of ["rounds out of order", "lost", "duplicated", "bytes per message"]) {
    assert.match(table, new RegExp(`^${row} +-$`, "m"));
  }
  assert.match(table, /; - not known without logs$/);
  assert.doesNotMatch(formatRuns([run("fifo")], PLAIN), /without logs/);
  assert.deepEqual(tellRuns([run("fifo", unknown)]), []);
});

Deno.test("the story says what is to be seen: disorder, order, and its price", () => {
  assert.deepEqual(tellRuns([DISORDER, run("lamport")]), [
    "Without coordination (none) the 3 processes disagreed in 21 of 30 rounds: 4 deliveries never " +
    "came, and each process took the messages in an order of its own.",
    "With lamport, all 3 processes delivered the same 30 messages in the same order.",
    "That is the price of order: half of the messages took up to 80 ms with lamport, and 40 ms with none. " +
    "lamport waits until nothing can come that belongs before, and until everybody is known to have " +
    "the message.",
  ]);
});

Deno.test("the story of all orders says why each is as it is, and each price", () => {
  const disorder = (order: string) => ({ ...DISORDER, order, lost: 0 });
  const sequencer = run("sequencer", { latencyMs: { p50: 9.96, p99: 11, max: 12 } });
  const runs = [disorder("none"), disorder("fifo"), disorder("causal"), run("lamport"), sequencer];
  assert.deepEqual(tellRuns(runs), [
    "Without coordination (none) the 3 processes disagreed in 21 of 30 rounds: each process took " +
    "the messages in an order of its own.",
    "With fifo the 3 processes disagreed in 21 of 30 rounds: each sender's messages came in their " +
    "order, but those of different senders in any.",
    "With vector clocks (causal) the 3 processes disagreed in 21 of 30 rounds: what a message may " +
    "depend on came before it, but messages that don't depend on each other came in any order.",
    "With lamport and sequencer, all 3 processes delivered the same 30 messages in the same order.",
    "That is the price of order: half of the messages took up to 80 ms with lamport, and 40 ms with none. " +
    "lamport waits until nothing can come that belongs before, and until everybody is known to have " +
    "the message.",
  ]);
  const slow = { ...sequencer, latencyMs: { p50: 60, p99: 80, max: 90 } };
  assert.equal(
    tellRuns([...runs.slice(1, 4), slow]).at(-1),
    "That is the price of order: half of the messages took up to 80 ms with lamport and 60 ms with " +
      "sequencer, and 40 ms with fifo. lamport waits until nothing can come that belongs before, and " +
      "until everybody is known to have the message. sequencer waits for the word of one process, " +
      "which all messages go by.",
  );
});

Deno.test("fifo is blamed for answers before questions only where there were any", () => {
  const properties = { ...DISORDER.properties, causal: "violated" as const };
  const [sentence] = tellRuns([{ ...DISORDER, order: "fifo", lost: 1, properties }]);
  assert.equal(
    sentence,
    "With fifo the 3 processes disagreed in 21 of 30 rounds: 1 delivery never came, and each " +
      "sender's messages came in their order, but those of different senders in any, an answer even " +
      "before what it answers.",
  );
});

Deno.test("what a message costs is told for the messages that were multicast, by however many", () => {
  const few = run("causal", { senders: 1, messages: 10, rounds: 10, datagrams: 25, bytes: 1234 });
  const none = run("fifo", { messages: 0, rounds: 0, datagrams: 25 });
  const table = formatRuns([few, none], PLAIN);
  assert.match(table, /^datagrams per message +2\.5 +-$/m);
  assert.match(table, /^bytes per message +123 +-$/m);
});

Deno.test("nothing is told that isn't so", () => {
  assert.deepEqual(tellRuns([run("lamport", { peers: 1, rounds: 10, messages: 10 })]), []);
  assert.deepEqual(tellRuns([run("lamport", { rounds: 0, messages: 0, messagesPerPeer: 0 })]), []);
  assert.deepEqual(tellRuns([run("lamport", { lost: 1 })]), []);
  assert.deepEqual(tellRuns([run("lamport", { messages: 31 })]), [], "nobody delivered the 31st");
  const inconclusive = { ...run("x").properties, total: "inconclusive" as const };
  assert.deepEqual(tellRuns([run("lamport", { properties: inconclusive })]), []);
});
