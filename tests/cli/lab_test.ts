import assert from "node:assert/strict";
import type { RunEvent } from "../../src/report/run_event.ts";
import {
  assertClean,
  assertRefused,
  ProcessTag,
  RunningProcess,
  runsOf,
  runToEnd,
} from "./processes.ts";

/** What a run is told with, in this order; others rely on it. */
const KEYS = [
  ...["event", "order", "peers", "messagesPerPeer", "messages", "rounds", "roundsOutOfOrder"],
  ...["lost", "duplicated", "properties", "promised", "latencyMs", "latencyOf"],
  ...["ownLatencyMs", "datagrams", "bytes"],
  "witness",
];
const PROPERTIES = ["integrity", "validity", "agreement", "fifo", "causal", "total"];

Deno.test("between the regions of a cloud none is in disorder and lamport is not", async () => {
  const { code, stdout, stderr } = await runToEnd([
    ...["lab", "--peers", "6", "--messages", "50", "--order", "none,lamport"],
    ...["--topology", "aws-2020", "--json"],
  ]);
  const lines = stdout.trimEnd().split("\n");
  const [none, lamport, ...more] = lines.map((line) => JSON.parse(line) as RunEvent);
  assert.deepEqual(more, [], "one object for each order and nothing else");
  for (const run of [none!, lamport!]) {
    assert.deepEqual(Object.keys(run), KEYS);
    assert.deepEqual(Object.keys(run.properties), PROPERTIES);
    assert.equal(run.event, "run");
    assert.equal(run.peers, 6);
    assert.equal(run.messagesPerPeer, 50);
    assert.equal(run.latencyOf, "last-delivery");
    assert.ok(run.datagrams! > 0 && run.bytes! > run.datagrams!);
    const { p50, p99, max } = run.latencyMs!;
    // The last process to deliver is 91 ms or more away, whichever region multicasts.
    assert.ok(80 <= p50 && p50 <= p99 && p99 <= max, JSON.stringify(run.latencyMs));
  }
  assertClean(none, 300);
  assert.equal(none.order, "none");
  assert.ok(none.roundsOutOfOrder! > 100, `${none.roundsOutOfOrder} rounds out of order`);
  assert.equal(none.properties.total, "violated");
  assert.equal(none.witness?.property, "total");
  assert.match(none.witness.sentence, /^process \d delivered \d:\d+ before \d:\d+, process \d the/);
  assertClean(lamport, 300);
  assert.equal(lamport.order, "lamport");
  assert.deepEqual(lamport.promised, PROPERTIES);
  assert.equal(lamport.witness, null);
  assert.ok(lamport.latencyMs!.p50 > none.latencyMs!.p50, "order has its price");
  assert.match(stderr, /the 6 processes disagreed in \d+ of 300 rounds/);
  assert.match(stderr, /all 6 processes delivered the same 300 messages in the same order/);
  assert.equal(code, 0);
});

Deno.test("a terrible network loses, doubles and swaps nothing of lamport's", async () => {
  const { code, events } = await runToEnd([
    ...["lab", "--peers", "5", "--messages", "200", "--order", "lamport", "--topology", "lan"],
    ...["--loss", "20%", "--link", "duplicate=10%,reorder=20%", "--json", "--seed", "2"],
  ]);
  const [run] = runsOf({ events });
  assertClean(run, 1000);
  assert.deepEqual(run.properties, Object.fromEntries(PROPERTIES.map((name) => [name, "holds"])));
  assert.equal(code, 0);
});

Deno.test("only the first processes multicast where it is told so, one message at a time", async () => {
  const { code, events } = await runToEnd([
    ...["lab", "--peers", "4", "--messages", "30", "--order", "none,lamport", "--json"],
    ...["--interval", "0ms", "--outstanding", "1", "--senders", "2", "--topology", "lan"],
  ]);
  const runs = runsOf({ events });
  for (const run of runs) {
    assertClean(run, 60);
    assert.equal(run.messagesPerPeer, 30);
    assert.equal(run.senders, 2);
    assert.equal(run.messages, 60);
  }
  const lamport = runs[1]!;
  // A message waits for an answer, and with nothing else under way for hardly more.
  assert.ok(lamport.ownLatencyMs!.p50 > 0 && lamport.ownLatencyMs!.p50 <= lamport.latencyMs!.max);
  assert.equal(code, 0);
});

const SIZES: readonly (readonly [peers: number, messages: number, more: readonly string[]])[] = [
  [1, 20, []],
  [2, 50, []],
  [3, 1, []],
  [3, 0, []],
  [1, 0, []],
  [3, 20, ["--payload", "0"]],
  [3, 5, ["--payload", "65507"]],
  [2, 2, ["--payload", "1048576"]],
];

for (const [peers, messages, more] of SIZES) {
  const args = ["--peers", `${peers}`, "--messages", `${messages}`, ...more];
  Deno.test(`lab ${args.join(" ")} holds`, async () => {
    const { code, events } = await runToEnd(["lab", "--topology", "lan", ...args, "--json"]);
    const [none, ...reliable] = runsOf({ events });
    assert.equal(reliable.length, 4);
    for (const run of reliable) assertClean(run, peers * messages);
    assert.deepEqual(none?.promised, ["integrity", "validity"]);
    assert.equal(none.properties.integrity, "holds");
    assert.equal(none.properties.validity, "holds");
    for (const run of reliable) assert.equal(run.latencyMs === null, messages === 0);
    assert.equal(code, 0);
  });
}

Deno.test("with no interval the rate is told, and thousands of messages hold", async () => {
  const { code, events } = await runToEnd([
    ...["lab", "--peers", "3", "--messages", "3000", "--payload", "64", "--interval", "0ms"],
    ...["--order", "lamport", "--topology", "lan", "--json"],
  ]);
  const [run] = runsOf({ events });
  assertClean(run, 9000);
  assert.deepEqual(Object.keys(run), [...KEYS.slice(0, -1), "deliveredPerSecond", "witness"]);
  assert.ok(run.deliveredPerSecond! > 100, `${run.deliveredPerSecond} a second`);
  assert.equal(code, 0);
});

Deno.test("of a run that ended before it began, nothing is said to hold", async () => {
  const ending = await runToEnd([
    ...["lab", "--peers", "2", "--messages", "5", "--order", "causal", "--loss", "100%"],
    ...["--timeout", "1s", "--json"],
  ]);
  const [run] = runsOf(ending);
  assert.equal(run!.messages, 0);
  assert.deepEqual([...new Set(Object.values(run!.properties))], ["inconclusive"]);
  assert.match(ending.stderr, /causal: nothing can be judged: the run ended before anything was /);
  assert.equal(ending.code, 1);
});

Deno.test("people get a table, and sentences that say what is to be seen", async () => {
  const { code, stdout, stderr } = await runToEnd([
    ...["lab", "--peers", "2", "--messages", "3", "--order", "lamport", "--topology", "lan"],
  ]);
  assert.match(stdout, /^Starting 2 processes on this machine, with the network of lan/);
  for (const property of PROPERTIES) {
    assert.match(stdout, new RegExp(`^${property} +\\* holds$`, "m"));
  }
  assert.match(stdout, /^rounds +6$/m);
  assert.match(stdout, /^latency p50 +\d+\.\d ms$/m);
  assert.match(stdout, /both processes delivered the same 6 messages in the same order/);
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

Deno.test("an --out that can't be written is refused before anything runs", async () => {
  const file = await Deno.makeTempFile();
  try {
    const out = `${file}/logs`;
    assertRefused(
      await runToEnd(["lab", "--peers", "1", "--messages", "1", "--json", "--quiet", "--out", out]),
      2,
      new RegExp(`--out: .*${out}`),
    );
  } finally {
    await Deno.remove(file);
  }
});

/** A run that goes on until somebody ends it. */
const LONG = [
  ...["lab", "--peers", "3", "--messages", "100000", "--order", "lamport", "--topology", "lan"],
  "--json",
];
/** The lab, its manager, its comparison server and three peers. */
const LONG_PROCESSES = 6;
const linux = Deno.build.os === "linux";

Deno.test({
  name: "lab leaves no process behind when it comes to its end",
  ignore: !linux,
  async fn() {
    const tag = new ProcessTag();
    const args = ["lab", "--peers", "3", "--messages", "5", "--topology", "lan"];
    const { code } = await runToEnd(args, { env: tag.env });
    assert.deepEqual(await tag.processes(), []);
    assert.equal(code, 0);
  },
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} ends a lab gracefully, with what has happened judged`,
    ignore: !linux,
    async fn() {
      const tag = new ProcessTag();
      await using lab = await startLong(tag);
      lab.kill(signal);
      const ending = await lab.end();
      assert.deepEqual(await tag.processes(), []);
      const [run] = runsOf(ending);
      assert.notEqual(run?.properties.total, "violated");
      assert.match(ending.stderr, /did not come to the end|waits for/);
      assert.equal(ending.code, code);
    },
  });
}

Deno.test({
  name: "Ctrl-C at a terminal, which all processes of a lab hear, ends it as gracefully",
  ignore: !linux,
  async fn() {
    const tag = new ProcessTag();
    // A session of its own stands for the terminal's group of processes.
    await using lab = await startLong(tag, ["setsid"]);
    Deno.kill(-lab.pid, "SIGINT");
    const ending = await lab.end();
    assert.deepEqual(await tag.processes(), []);
    assert.equal(runsOf(ending).length, 1);
    assert.doesNotMatch(ending.stderr, /is gone/);
    assert.equal(ending.code, 130);
  },
});

Deno.test({
  name: "a second Ctrl-C ends a lab at once, though a process of it hangs",
  ignore: !linux,
  async fn() {
    const tag = new ProcessTag();
    await using lab = await startLong(tag);
    const others = (await tag.processes()).filter((pid) => pid !== lab.pid);
    for (const pid of others) Deno.kill(pid, "SIGSTOP");
    lab.kill("SIGINT");
    // The lab asks the comparison server to stop, and makes it go on so that it can. It will wait
    // for seconds for the journals of the others.
    const end = performance.now() + 30_000;
    while (await areAllStopped(others)) assert.ok(performance.now() < end, "it was not heard");
    lab.kill("SIGINT");
    const ending = await lab.end();
    await tag.settle(0);
    assert.deepEqual(ending.events, [], "nobody had the time to judge");
    assert.equal(ending.code, 130);
  },
});

Deno.test({
  name: "a lab that is killed takes its processes with it",
  ignore: !linux,
  async fn() {
    const tag = new ProcessTag();
    await using lab = await startLong(tag);
    const others = (await tag.processes()).filter((pid) => pid !== lab.pid);
    const peers = await peersAmong(others);
    assert.equal(peers.length, 3);
    // Peers that hang keep nobody else from ending.
    for (const peer of peers) Deno.kill(peer, "SIGSTOP");
    lab.kill("SIGKILL");
    await tag.settle(peers.length);
    for (const peer of peers) Deno.kill(peer, "SIGCONT");
    await tag.settle(0);
    assert.equal((await lab.end()).signal, "SIGKILL");
  },
});

Deno.test({
  name: "a lab that is interrupted while its processes start leaves none behind",
  ignore: !linux,
  async fn() {
    const tag = new ProcessTag();
    await using lab = RunningProcess.start(LONG, { env: tag.env });
    await lab.complaint(/Starting 3 processes/);
    lab.kill("SIGTERM");
    const ending = await lab.end();
    assert.deepEqual(await tag.processes(), []);
    assert.deepEqual(ending.events, []);
    assert.equal(ending.code, 143);
  },
});

async function areAllStopped(pids: readonly number[]): Promise<boolean> {
  return (await look(pids, "stat=")).every((state) => state.startsWith("T"));
}

async function peersAmong(pids: readonly number[]): Promise<number[]> {
  const commands = await look(pids, "pid=,args=");
  return commands.filter((command) => / peer --manager /.test(command)).map(parseFloat);
}

/** What `ps` tells of each process. */
async function look(pids: readonly number[], columns: string): Promise<string[]> {
  const args = ["-ww", "-o", columns, "-p", pids.join(",")];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.trim());
}

/** Starts a long run and waits until it is on. */
async function startLong(tag: ProcessTag, prefix: string[] = []): Promise<RunningProcess> {
  const lab = RunningProcess.start(LONG, { env: tag.env, prefix });
  await lab.complaint(/3 processes, 100000 messages each/);
  await tag.settle(LONG_PROCESSES);
  return lab;
}
