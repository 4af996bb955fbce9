import assert from "node:assert/strict";
import { addressOf, Group, plain, startManager } from "./group.ts";
import { assertClean, assertRefused, type Ending, runsOf, runToEnd } from "./processes.ts";

Deno.test("manager list prints the group, for people and for programs", async () => {
  await using group = await Group.start(
    ["--topology", "aws-2020", "--region", "eu-west-1"],
    ["--advertise", "192.0.2.7:7001"],
  );
  const [p0, p1] = await Promise.all(group.peers.map((peer) => peer.event("listening")));
  const { code, events, stderr } = await list(group.address, "--json", "--quiet");
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const byName = events.toSorted((a, b) => String(a.name).localeCompare(String(b.name)));
  assert.deepEqual(byName.map(({ ageMs: _, ...rest }) => rest), [
    {
      event: "member",
      name: "p0",
      address: p0!.address,
      control: p0!.control,
      region: "eu-west-1",
    },
    {
      event: "member",
      name: "p1",
      address: "192.0.2.7:7001",
      control: `192.0.2.7:${String(p1!.control).split(":")[1]}`,
      region: null,
    },
  ]);
  for (const { ageMs } of events) assert.ok(Number.isInteger(ageMs) && ageMs as number >= 0);

  const { stdout } = await list(group.address);
  const [header, ...rows] = stdout.trimEnd().split("\n");
  assert.match(header!, /^name +address +control +region +registered$/);
  assert.match(
    rows.toSorted()[0]!,
    new RegExp(`^p0 +${p0!.address} +${p0!.control} +eu-west-1 +\\d+ s ago$`),
  );
  assert.match(rows.toSorted()[1]!, /^p1 +192\.0\.2\.7:7001 +192\.0\.2\.7:\d+ +- +\d+ s ago$/);
});

Deno.test("a manager without a group says so", async () => {
  await using manager = startManager();
  const address = await addressOf(manager);
  assert.deepEqual(await list(address), {
    code: 0,
    signal: null,
    stdout: "No process is registered\n",
    stderr: "",
    events: [],
  });
  assert.equal((await list(address, "--json", "--quiet")).stdout, "");
});

Deno.test("manager list without a manager is one line", async () => {
  assertRefused(
    await list("127.0.0.1:1"),
    1,
    "mpcomm manager list: No manager at 127.0.0.1:1 (connection refused)",
  );
});

Deno.test("a manager's port that is in use is named", async () => {
  await using manager = startManager();
  const address = await addressOf(manager);
  const port = address.split(":")[1];
  assertRefused(
    await runToEnd(["manager", "--listen", address]),
    1,
    `mpcomm manager: Port ${port} on 127.0.0.1 is already in use`,
  );
});

Deno.test("who leaves is off the list at once, and who is silent for long is given up", async () => {
  await using group = await Group.start(...plain(3));
  const [leaving, killed, third] = group.peers;
  leaving!.kill("SIGTERM");
  assert.equal((await leaving!.end()).code, 143);
  await group.manager.event("member", ({ change, name }) => change === "left" && name === "p0");

  const { control } = await third!.event("listening");
  const idle = [group.address, String(control)].map(untilClosed);
  killed!.kill("SIGKILL");
  await killed!.end();
  assert.deepEqual(await names(group), ["p1", "p2"], "its lease is still on");
  await group.manager.event("member", ({ change, name }) => change === "expired" && name === "p1");
  assert.deepEqual(await names(group), ["p2"]);
  await Promise.all(idle);
});

Deno.test("registering again under the same name replaces", async () => {
  await using group = await Group.start(...plain(2));
  const next = group.startPeer("--name", "p1");
  await next.event("listening");
  assert.deepEqual(await names(group), ["p0", "p1"]);
  const ending = await group.compare("--messages", "5", "--interval", "1-3ms");
  assertClean(runsOf(ending)[0], 10);
  assert.equal(next.events("started").length, 1, "the later one takes part");
  assert.equal(group.peers[1]!.events("started").length, 0);
});

Deno.test("peers outlive their manager, and register with the next one at its address", async () => {
  await using group = await Group.start(...plain(2));
  group.manager.kill("SIGKILL");
  await group.manager.end();
  await using manager = startManager({}, group.address);
  await manager.count("member", 2);
  const ending = await group.compare("--peers", "2", "--messages", "5", "--interval", "1-3ms");
  assertClean(runsOf(ending)[0], 10);
});

/** Connects, says nothing, and resolves when the server has had enough of it. */
async function untilClosed(address: string): Promise<void> {
  const [hostname, port] = address.split(":");
  using connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
  assert.equal(await connection.read(new Uint8Array(1)), null);
}

async function names(group: Group): Promise<string[]> {
  const { events } = await list(group.address, "--json");
  return events.map(({ name }) => String(name)).toSorted();
}

async function list(manager: string, ...more: string[]): Promise<Ending> {
  return await runToEnd(["manager", "list", "--manager", manager, ...more]);
}
