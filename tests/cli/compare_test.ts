import assert from "node:assert/strict";
import type { RunEvent } from "../../src/report/run_event.ts";
import { Group, plain, startManager } from "./group.ts";
import {
  assertClean,
  assertRefused,
  type Ending,
  RunningProcess,
  runsOf,
  runToEnd,
} from "./processes.ts";

const QUESTION = "Messages per peer (0 to quit):";
/** Quick runs. */
const FAST = ["--interval", "1-3ms"];

Deno.test("compare asks for the number of messages until it is 0, which ends the peers", async () => {
  await using group = await Group.start(...plain(3));
  const { code, stdout, stderr } = await runToEnd(
    ["compare", "--manager", group.address, ...FAST],
    { stdin: "abc\n3\n2\n0\n" },
  );
  const asked = stdout.split("\n").filter((line) => line.startsWith(QUESTION));
  assert.deepEqual(asked, ["abc", "3", "2", "0"].map((answer) => `${QUESTION} ${answer}`));
  assert.equal(
    stderr,
    'mpcomm compare: expected a whole number from 0 to 10000000, got "abc"\n',
  );
  assert.deepEqual(stdout.match(/^rounds +\d+$/mg)?.map((row) => Number(row.slice(6))), [9, 6]);
  assert.match(stdout, /\nEnded 3 processes\n$/);
  assert.equal(code, 0);
  for (const peer of group.peers) assert.equal((await peer.end()).code, 0);
  const members = await runToEnd(["manager", "list", "--manager", group.address, "--json"]);
  assert.deepEqual(members.events, [], "who is ended is off the list");
});

Deno.test("the end of the input ends compare and leaves the peers alone", async () => {
  await using group = await Group.start(...plain(2));
  const { code, events } = await runToEnd(
    ["compare", "--manager", group.address, "--json", ...FAST],
    { stdin: "2" },
  );
  assertClean(runsOf({ events })[0], 4);
  assert.equal(code, 0);
  const again = await group.compare("--peers", "2", "--messages", "2", ...FAST);
  assertClean(runsOf(again)[0], 4);
});

Deno.test("answers that are no number of messages are refused in one line each", async () => {
  await using group = await Group.start(...plain(1));
  const answers = ["", "-1", "1.5", "1e3", "10000001", "1 2", "99999999999999999999"];
  const { code, stderr, events } = await runToEnd(
    ["compare", "--manager", group.address, "--json", "--quiet"],
    { stdin: answers.map((answer) => `${answer}\n`).join("") },
  );
  const lines = answers.map((answer) =>
    `mpcomm compare: expected a whole number from 0 to 10000000, got ${JSON.stringify(answer)}\n`
  );
  assert.equal(stderr, lines.join(""));
  assert.deepEqual(events, []);
  assert.equal(code, 0);
});

Deno.test("compare waits for peers that register later", async () => {
  await using group = await Group.start(...plain(1));
  const compare = group.startCompare("--peers", "3", "--messages", "5", ...FAST);
  // The third comes only when the second is there and the run could have begun by mistake.
  await group.startPeer("--name", "late").event("listening");
  await group.startPeer("--name", "later").event("listening");
  const ending = await compare.end();
  const [run] = runsOf(ending);
  assertClean(run, 15);
  assert.equal(run.peers, 3);
  assert.equal(ending.code, 0);
});

Deno.test("a peer that is there is rather taken than a dead one that is still listed", async () => {
  await using group = await Group.start(...plain(2));
  const [dead] = group.peers;
  dead!.kill("SIGKILL");
  await dead!.end();
  const ending = await group.compare("--peers", "1", "--messages", "2", ...FAST);
  assertClean(runsOf(ending)[0], 2);
  assert.equal(ending.code, 0);
});

Deno.test("compare gives up when too few peers are registered in time, and says how many", async () => {
  await using group = await Group.start(...plain(1));
  const { code, events, stderr } = await group.compare(
    ...["--peers", "3", "--messages", "5", "--timeout", "300ms"],
  );
  assert.deepEqual(events, []);
  assert.equal(
    stderr,
    "Waiting for 3 processes to register\n" +
      "mpcomm compare: only 1 of 3 processes are registered with the manager at " +
      `${group.address}, and the time is over\n`,
  );
  assert.equal(code, 1);
});

Deno.test("a signal ends the wait for peers, though the manager hangs", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  const args = ["compare", "--manager", address, "--messages", "5", "--json"];
  await using compare = RunningProcess.start(args);
  using _connection = await listener.accept();
  compare.kill("SIGTERM");
  const { code, events, stderr } = await compare.end();
  assert.deepEqual(events, []);
  assert.equal(stderr, "");
  assert.equal(code, 143);
});

Deno.test("without a manager there is one line that names its address", async () => {
  const address = await freeAddress();
  const ending = await runToEnd(["compare", "--manager", address, "--messages", "1", "--json"]);
  assertRefused(ending, 1, `mpcomm compare: No manager at ${address} (connection refused)`);
});

Deno.test("a server that is no manager is named", async () => {
  await using group = await Group.start(...plain(1));
  const { control } = await group.peers[0]!.event("listening");
  const args = ["compare", "--manager", control as string, "--messages", "1", "--json"];
  assertRefused(await runToEnd(args), 1, new RegExp(`^mpcomm compare: .*${control}`));
});

Deno.test("a name that no name server knows is named", async () => {
  const args = ["compare", "--manager", "no-such-host.invalid:5678", "--messages", "1", "--json"];
  assertRefused(await runToEnd(args), 1, /^mpcomm compare: .*no-such-host\.invalid/);
});

Deno.test("peers on [::1] are as good as others", async () => {
  const listen = ["--listen", "[::1]:0"];
  await using group = await Group.start(listen, listen, listen);
  for (const peer of group.peers) {
    assert.match(String((await peer.event("listening")).address), /^\[::1\]:\d+$/);
  }
  const ending = await group.compare("--peers", "3", "--messages", "20", ...FAST);
  assertClean(runsOf(ending)[0], 60);
  assert.equal(ending.code, 0);
});

Deno.test("logs that are kept give the same verdicts when they are judged again", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using group = await Group.start(["--topology", "lan"], ["--topology", "lan"], [
      ...["--topology", "lan"],
    ]);
    const { code, events } = await group.compare(
      ...["--messages", "40", "--order", "none,lamport", "--out", dir, "--peers", "3", ...FAST],
    );
    assert.equal(code, 0);
    const again = await judgeLogs(dir);
    assert.deepEqual(runsOf(again), runsOf({ events }).map(withoutTraffic));
    assert.equal(again.stderr.match(/rounds out of order/g)?.length, 1, "one table");
    assert.equal(again.code, 0);

    await swapDeliveries(`${dir}/lamport/2.jsonl`);
    const swapped = await judgeLogs(dir);
    const [none, lamport] = runsOf(swapped);
    assert.deepEqual(none, runsOf(again)[0]);
    assert.equal(lamport?.properties.total, "violated");
    assert.equal(lamport.roundsOutOfOrder, 2);
    assert.match(
      lamport.witness!.sentence,
      // Where one of the two depends on the other, that is the worse of the two faults.
      /^process 2 delivered [0-2]:\d+ before [0-2]:\d+, which process |, process 2 the other way round$/,
    );
    assert.ok(lamport.witness!.processes.includes(2));
    assert.match(swapped.stderr, /lamport: total is violated \(although promised\): process/);
    assert.equal(swapped.code, 3);

    await Deno.writeTextFile(`${dir}/lamport/0.jsonl`, '{"event":"deliver","proc\n\u0000\n', {
      append: true,
    });
    const damaged = await judgeLogs(`${dir}/lamport`);
    const lines = (await Deno.readTextFile(`${dir}/lamport/0.jsonl`)).split("\n").length - 1;
    assert.match(damaged.stderr, new RegExp(`lamport/0\\.jsonl:${lines - 1}: Not JSON\n`));
    assert.match(damaged.stderr, new RegExp(`lamport/0\\.jsonl:${lines}: Not JSON\n`));
    assert.equal(damaged.code, 3, "what is broken in the other logs is found nevertheless");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("logs from elsewhere are judged, and those that aren't there named", async () => {
  const dir = await Deno.makeTempDir();
  try {
    assertRefused(await judgeLogs(dir), 2, `mpcomm compare: --logs: No logs (*.jsonl) in ${dir}`);
    const missing = `${dir}/missing`;
    assertRefused(await judgeLogs(missing), 2, `mpcomm compare: --logs: There is no ${missing}`);

    const log = (process: number, order: string[]) =>
      order.map((message) => {
        const [sender, seq] = message.split(":").map(Number);
        return JSON.stringify({ event: "deliver", process, sender, seq });
      }).join("\n");
    const multicast = (process: number) => `{"event":"multicast","process":${process},"seq":1}\n`;
    await Deno.writeTextFile(`${dir}/a.jsonl`, multicast(0) + log(0, ["0:1", "1:1"]));
    await Deno.writeTextFile(`${dir}/b.jsonl`, multicast(1) + log(1, ["1:1", "0:1"]));
    const bad = await judgeLogs(dir);
    assert.equal(runsOf(bad)[0]?.order, "lamport");
    assert.equal(runsOf(bad)[0]?.properties.total, "violated");
    assert.equal(bad.code, 3);
    const none = await judgeLogs(dir, "--order", "none");
    assert.equal(runsOf(none)[0]?.properties.total, "violated");
    assert.equal(none.code, 0, "none has promised no order");

    await Deno.writeTextFile(`${dir}/b.jsonl`, multicast(1) + log(1, ["0:1", "1:1"]));
    assert.equal((await judgeLogs(dir)).code, 0);

    await Deno.remove(`${dir}/a.jsonl`);
    const alone = await judgeLogs(dir);
    assert.equal(runsOf(alone)[0]?.properties.agreement, "inconclusive");
    assert.equal(alone.code, 1, "what was promised can't be judged");

    const both = [multicast(0), log(0, ["0:1", "1:1"]), "\n", multicast(1), log(1, ["0:1", "1:1"])];
    await Deno.writeTextFile(`${dir}/b.jsonl`, both.join(""));
    assert.equal((await judgeLogs(dir)).code, 0, "one file may hold the events of all");

    await Deno.writeTextFile(`${dir}/b.jsonl`, "\ngarbage\n", { append: true });
    const damaged = await judgeLogs(dir);
    const problem = { event: "problem", file: `${dir}/b.jsonl`, line: 7, reason: "Not JSON" };
    assert.deepEqual(damaged.events[0], problem);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

async function judgeLogs(dir: string, ...more: string[]): Promise<Ending> {
  return await runToEnd(["compare", "--logs", dir, "--json", ...more]);
}

/** What logs alone can tell of a run. */
function withoutTraffic(run: RunEvent): RunEvent {
  return { ...run, datagrams: null, bytes: null };
}

/** Swaps the last two deliveries that stand one behind the other and are of process 0's and process
 * 1's messages. */
async function swapDeliveries(file: string): Promise<void> {
  const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
  const deliveries = lines.flatMap((line, i) => {
    const { event, sender } = JSON.parse(line);
    return event === "deliver" ? [{ i, sender }] : [];
  });
  for (let d = deliveries.length - 1; d > 0; d--) {
    const [before, after] = [deliveries[d - 1]!, deliveries[d]!];
    if (before.sender + after.sender !== 1) continue;
    [lines[before.i], lines[after.i]] = [lines[after.i]!, lines[before.i]!];
    await Deno.writeTextFile(file, lines.join("\n"));
    return;
  }
  throw new Error("There is nothing to swap");
}

/** An address at which nobody listens. */
async function freeAddress(): Promise<string> {
  await using manager = startManager();
  return (await manager.event("listening")).address as string;
}
