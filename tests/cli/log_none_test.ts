import assert from "node:assert/strict";
import { Registration } from "../../src/hosts/manager_client.ts";
import { TcpServer } from "../../src/hosts/tcp_server.ts";
import { Group, plain } from "./group.ts";
import { assertClean, runsOf, runToEnd } from "./processes.ts";

const LAB = ["lab", "--peers", "3", "--topology", "lan", "--log", "none"];
const FAST = ["--interval", "1-3ms"];

Deno.test("without logs all orders are judged, and what can't be is said", async () => {
  const { code, events, stderr } = await runToEnd([
    ...LAB,
    ...["--order", "none,fifo,causal,lamport,sequencer", "--messages", "300", "--interval", "0ms"],
    ...["--loss", "5%", "--json"],
  ]);
  const runs = runsOf({ events });
  assert.deepEqual(runs.map(({ log }) => log), Array(5).fill("none"));
  const [none, ...reliable] = runs;
  assert.equal(none!.duplicated, 0);
  assert.ok(none!.lost! > 0, "5 % of the datagrams don't come");
  assert.equal(none!.properties.integrity, "holds");
  assert.equal(none!.properties.validity, "holds");
  assert.equal(none!.properties.agreement, "violated");
  assert.equal(none!.properties.fifo, "violated");
  for (const run of reliable) {
    assert.equal(run.messages, 900);
    assert.deepEqual([run.rounds, run.lost, run.duplicated], [900, 0, 0], run.order);
    for (const property of ["integrity", "validity", "agreement", "fifo"] as const) {
      assert.equal(run.properties[property], "holds", `${run.order}: ${property}`);
    }
    assert.equal(run.properties.causal, "inconclusive");
    assert.equal(run.latencyMs, null);
    assert.equal(run.ownLatencyMs, null);
    assert.ok(run.deliveredPerSecond! > 100 && run.datagrams! > 0);
    if (!run.promised.includes("total")) continue;
    assert.equal(run.properties.total, "holds");
    assert.equal(run.roundsOutOfOrder, 0);
    assert.match(stderr, new RegExp(`${run.order}: causal can't be judged: no logs were kept\\.`));
  }
  assert.equal(code, 0, "what can't be judged is no failure");
});

Deno.test("without logs people get the same table, with dashes for what is not known", async () => {
  const { code, stdout } = await runToEnd([
    ...LAB,
    ...["--order", "lamport", "--messages", "20", ...FAST],
  ]);
  assert.match(stdout, /^rounds +60$/m);
  assert.match(stdout, /^rounds out of order +0$/m);
  assert.match(stdout, /^total +\* holds$/m);
  assert.match(stdout, /^causal +\* inconclusive$/m);
  assert.match(stdout, /^latency p50 +-$/m);
  assert.match(stdout, /; - not known without logs$/m);
  assert.match(stdout, /all 3 processes delivered the same 60 messages in the same order/);
  assert.equal(code, 0);
});

Deno.test("where one process alone multicasts, causal order is judged without logs too", async () => {
  const { code, events } = await runToEnd([
    ...LAB,
    ...["--order", "lamport", "--messages", "20", "--senders", "1", ...FAST, "--json"],
  ]);
  assertClean(runsOf({ events })[0], 20);
  assert.equal(code, 0);
});

Deno.test("a peer's own log gets nothing of a run without logs, and the peer says so", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const log = `${dir}/own.jsonl`;
    await using group = await Group.start(["--log", log], ...plain(1));
    const without = await group.compare("--messages", "10", "--log", "none", ...FAST);
    assert.equal(without.code, 0);
    const [peer] = group.peers;
    await peer!.complaint(/warning: the run keeps no log, so --log gets nothing of it/);
    const out = `${dir}/out`;
    const again = await group.compare("--messages", "3", "--out", out, ...FAST);
    assertClean(runsOf(again)[0], 6);
    assert.equal(runsOf(again)[0]!.log, undefined);
    peer!.kill("SIGTERM");
    assert.equal((await peer!.end()).code, 143);
    const kept = await Deno.readTextFile(`${out}/lamport/0.jsonl`);
    assert.equal(await Deno.readTextFile(log), kept, "the second run and nothing else");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a process that dies in a run without logs is named, and the others are judged", async () => {
  await using group = await Group.start(...plain(3));
  const compare = group.startCompare("--messages", "100000", "--log", "none", "--timeout", "60s");
  await Promise.all(group.peers.map((peer) => peer.event("started")));
  group.peers[2]!.kill("SIGKILL");
  const ending = await compare.end();
  const [run] = runsOf(ending);
  assert.match(ending.stderr, /lamport: process 2 \(p2\) is gone/);
  assert.notEqual(run?.properties.total, "violated");
  assert.notEqual(run?.properties.integrity, "violated");
  assert.equal(run?.properties.validity, "inconclusive");
  assert.equal(ending.code, 1);
});

Deno.test("a run without logs that is interrupted is judged by what there is", async () => {
  await using group = await Group.start(...plain(2));
  const compare = group.startCompare("--messages", "100000", "--log", "none");
  await Promise.all(group.peers.map((peer) => peer.event("started")));
  compare.kill("SIGINT");
  const ending = await compare.end();
  const [run] = runsOf(ending);
  assert.ok(!Object.values(run!.properties).includes("violated"), JSON.stringify(run));
  assert.equal(ending.code, 130);
});

const counts = { delivered: 0, highest: 0, skips: 0, repeated: 0, unplaced: 0 };
const digest = {
  multicast: 0,
  senders: [counts, counts],
  sequenceHash: "0".repeat(16),
  setHash: "0".repeat(16),
};

for (
  const [what, more, complaint] of [
    ["knows no digests", {}, "there is no digest, as of an old peer"],
    ["has the digest of another group", { digest }, "the digest is of another group"],
    [
      "has a digest that can't be",
      { digest: { ...digest, senders: [{ ...counts, skips: 1 }] } },
      "Field digest.senders[0] must hold counts that fit each other",
    ],
  ] as const
) {
  Deno.test(`a peer that ${what} is named in a run without logs`, async () => {
    await using group = await Group.start();
    await using _peer = await startStrangePeer(group.address, more);
    const ending = await group.compare("--messages", "1", "--log", "none", "--timeout", "5s");
    const trouble = `(strange) sent what is not understood (In message end: ${complaint})`;
    assert.ok(ending.stderr.includes(trouble), ending.stderr);
    assert.match(ending.stderr, /nothing can be judged/);
    assert.equal(ending.code, 1);
  });
}

/** Starts a peer that accepts a run and ends it at once, with `more` in its `end`. */
async function startStrangePeer(manager: string, more: object): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const server = await TcpServer.listen({ host: "127.0.0.1", port: 0 }, async (connection) => {
    for await (const message of connection) {
      if ((message as { type: string }).type !== "start") continue;
      await connection.send({ type: "accepted", machine: "m" });
      const traffic = { datagrams: 0, bytes: 0, malformed: 0, corrupted: 0, retransmitted: 0 };
      await connection.send({ type: "end", complete: true, waitingFor: [], ...traffic, ...more });
    }
  });
  stack.defer(() => server.close());
  const { address } = server;
  const registration = await Registration.open(
    { host: "127.0.0.1", port: Number(manager.split(":")[1]) },
    { name: "strange", udp: address, control: address, region: null },
    { onState: () => {} },
  );
  stack.defer(() => registration.close());
  return stack.move();
}
