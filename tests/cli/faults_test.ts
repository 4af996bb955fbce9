import assert from "node:assert/strict";
import { DatagramTap } from "./datagram_tap.ts";
import { addressOf, Group, plain } from "./group.ts";
import { assertClean, type Ending, runsOf } from "./processes.ts";

/** A run that would go on for minutes. */
const LONG = ["--messages", "100000", "--interval", "2-5ms"];

Deno.test("a peer killed in mid-run is named, and the rest judged", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  const compare = group.startCompare(...LONG, "--timeout", "60s");
  await inMidRun(group, tap);
  group.peers[1]!.kill("SIGKILL");
  // The comparison server does not sit out its timeout when a process is gone for good.
  const ending = await compare.end();
  assert.equal(ending.code, 1);
  assert.deepEqual(problems(ending).find(({ process }) => process === 1)?.name, "p1");
  assert.match(ending.stderr, /^mpcomm compare: lamport: process 1 \(p1\) is gone \(.*\)$/m);
  assertSurvivorsWait(ending);
  assertNothingViolated(ending);
  const [run] = runsOf(ending);
  assert.ok(run!.rounds > 0, "what the others delivered before is judged");
  assert.equal(run!.properties.validity, "inconclusive");
  assert.match(ending.stderr, /lamport: validity can't be judged: /);
});

Deno.test("a peer that hangs for good is named when the time is over", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  const compare = group.startCompare(...LONG, "--timeout", "2s");
  await inMidRun(group, tap);
  group.peers[1]!.kill("SIGSTOP");
  const ending = await compare.end();
  assert.equal(ending.code, 1);
  assert.match(ending.stderr, /^mpcomm compare: lamport: process 1 \(p1\) does not answer$/m);
  assertSurvivorsWait(ending);
  assertNothingViolated(ending);

  // It comes back and finds the run gone; the next one is as if nothing had been.
  group.peers[1]!.kill("SIGCONT");
  const next = await group.compare("--messages", "20", "--interval", "1-3ms");
  assertClean(runsOf(next)[0], 60);
  assert.equal(next.code, 0);
});

Deno.test("a pause of a second in mid-run costs a second and nothing else", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  const compare = group.startCompare("--messages", "150", "--interval", "5-15ms");
  const [, paused] = group.peers;
  await inMidRun(group, tap);
  paused!.kill("SIGSTOP");
  assert.equal(paused!.events("ended").length, 0, "it was in mid-run");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  for (const peer of group.peers) assert.equal(peer.events("ended").length, 0, "all must wait");
  paused!.kill("SIGCONT");
  const ending = await compare.end();
  const [run] = runsOf(ending);
  assertClean(run, 450);
  assert.ok(run.latencyMs!.max > 500, "messages waited for it");
  assert.deepEqual(problems(ending), []);
  assert.equal(ending.code, 0);
});

Deno.test("a peer that is registered but gone is named, and nothing waits for ever", async () => {
  await using group = await Group.start(...plain(3));
  group.peers[2]!.kill("SIGKILL");
  await group.peers[2]!.end();
  const ending = await group.compare(...LONG, "--timeout", "60s", "--order", "none,lamport");
  assert.equal(ending.code, 1);
  for (const order of ["none", "lamport"]) {
    assert.match(
      ending.stderr,
      new RegExp(`^mpcomm compare: ${order}: process 2 \\(p2\\) can't be reached: .*refused`, "m"),
    );
    assert.match(
      ending.stderr,
      new RegExp(`warning: ${order}: process 0 \\(p0\\) waits for process 2 \\(p2\\)`),
    );
  }
  assertNothingViolated(ending);
});

Deno.test("a comparison server that is gone leaves the peers free for the next", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  const gone = group.startCompare(...LONG);
  await inMidRun(group, tap);
  gone.kill("SIGKILL");
  await gone.end();
  const next = await group.compare("--messages", "20", "--interval", "1-3ms");
  assertClean(runsOf(next)[0], 60);
  assert.equal(next.code, 0);
});

Deno.test("a comparison server that is interrupted judges what there is", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  const compare = group.startCompare(...LONG);
  await inMidRun(group, tap);
  compare.kill("SIGINT");
  const ending = await compare.end();
  assert.equal(ending.code, 130);
  assertNothingViolated(ending);
  assert.ok(runsOf(ending)[0]!.rounds > 0);
  const next = await group.compare("--messages", "20", "--interval", "1-3ms");
  assertClean(runsOf(next)[0], 60);
});

Deno.test("a second comparison server is refused, and the first one's run holds", async () => {
  await using tap = DatagramTap.open();
  await using group = await groupBehind(tap);
  // It is ready before the first begins, so that it doesn't come too late.
  const other = group.startCompare();
  await other.complaint(/Messages per peer/);
  const first = group.startCompare("--messages", "150", "--interval", "5-15ms");
  await inMidRun(group, tap);
  tap.hold();
  await other.type("5\n");
  await other.closeInput();
  const second = await other.end();
  assert.equal(first.events("run").length, 0, "the first run is still on");
  await tap.release();
  assert.equal(second.code, 1);
  for (const process of [0, 1, 2]) {
    assert.match(
      second.stderr,
      new RegExp(`process ${process} \\(p${process}\\) refused to take part: It takes part in an`),
    );
  }
  const ending = await first.end();
  assertClean(runsOf(ending)[0], 450);
  assert.equal(ending.code, 0);
  for (const peer of group.peers) await peer.complaint(/warning: took no part in a run: It takes/);
});

/** Three peers on a local network, of which process 1 is watched. */
async function groupBehind(tap: DatagramTap): Promise<Group> {
  const lan = ["--topology", "lan"];
  const group = await Group.start(lan, [...lan, "--advertise", tap.address], lan);
  tap.forwardTo(await addressOf(group.peers[1]!));
  return group;
}

/** Resolves when all take part in a run and multicast. */
async function inMidRun({ peers }: Group, tap: DatagramTap): Promise<void> {
  await Promise.all(peers.map((peer) => peer.event("started")));
  // Far more than a handshake takes.
  await tap.more(100);
}

interface Problem {
  readonly process: number;
  readonly name: string;
  readonly reason: string;
}

function problems({ events }: Ending): Problem[] {
  return events.filter(({ event }) => event === "problem") as unknown as Problem[];
}

/** Processes 0 and 2 say for whom they wait: for process 1, but where it died in the middle of a
 * multicast, one that has its last segment waits for the other, which waits for process 1. */
function assertSurvivorsWait(ending: Ending): void {
  const reasons = [0, 2].map((process) =>
    problems(ending).find((problem) => problem.process === process)?.reason ?? "says nothing"
  );
  for (const reason of reasons) assert.match(reason, /^waits for process \d \(p\d\)/);
  assert.ok(reasons.some((reason) => reason.includes("process 1 (p1)")), reasons.join("; "));
  for (const [i, process] of [0, 2].entries()) {
    const warning = `warning: lamport: process ${process} (p${process}) ${reasons[i]}`;
    assert.ok(ending.stderr.includes(warning), ending.stderr);
  }
}

function assertNothingViolated(ending: Ending): void {
  for (const { order, properties } of runsOf(ending)) {
    if (order === "none") continue;
    for (const [property, outcome] of Object.entries(properties)) {
      assert.notEqual(outcome, "violated", property);
    }
  }
}
