import assert from "node:assert/strict";
import { type Machine, Machines, whyNoNamespaces } from "./network_namespaces.ts";
import { assertClean, type Ending, RunningProcess, runsOf, runToEnd } from "./processes.ts";

const reason = await whyNoNamespaces();
/** Says in the list of tests why some are skipped. */
const skipped = reason === null ? "" : ` (skipped: ${reason})`;

const NOT_AUTHENTICATED = /warning: messages are not authenticated: keep the ports of \S+ closed/;

Deno.test({
  name: `manager, peers and comparison server on four machines have a clean run${skipped}`,
  ignore: reason !== null,
  async fn() {
    await using machines = await Machines.create(4);
    const [first, second, third, fourth] = machines.all;
    await using manager = startManager(first!, `${first!.address}:5678`);
    assert.equal((await manager.event("listening")).address, `${first!.address}:5678`);
    const at = `${first!.address}:5678`;
    // Two behind one address, one that listens on all of them, one on any port.
    await using p0 = startPeer(second!, at, "p0", `${second!.address}:7001`);
    await using p1 = startPeer(second!, at, "p1", `${second!.address}:7002`);
    await using p2 = startPeer(third!, at, "p2", "0.0.0.0:7001");
    await using p3 = startPeer(fourth!, at, "p3", `${fourth!.address}:0`);
    const peers = [p0, p1, p2, p3];
    await Promise.all(peers.map((peer) => peer.event("listening")));

    const ending = await compare(fourth!, at, "--order", "none,lamport");
    const [none, lamport] = runsOf(ending);
    assertClean(none, 120);
    assertClean(lamport, 120);
    assert.equal(lamport.peers, 4);
    assert.equal(ending.code, 0);
    for (const server of [manager, ...peers]) await server.complaint(NOT_AUTHENTICATED);

    const list = ["manager", "list", "--manager", at, "--json"];
    const { events } = await runToEnd(list, { prefix: third!.prefix });
    assert.deepEqual(events.map(({ name, address }) => `${name} ${address}`).toSorted(), [
      "p0 198.18.0.2:7001",
      "p1 198.18.0.2:7002",
      "p2 198.18.0.3:7001",
      `p3 ${(await p3.event("listening")).address}`,
    ]);
  },
});

Deno.test({
  name: `four machines have a clean run over IPv6${skipped}`,
  ignore: reason !== null,
  async fn() {
    await using machines = await Machines.create(4);
    const [first, second, third, fourth] = machines.all;
    const at = `[${first!.address6}]:5678`;
    await using manager = startManager(first!, "[::]:5678");
    await manager.event("listening");
    await using p0 = startPeer(second!, at, "p0", `[${second!.address6}]:7001`);
    await using p1 = startPeer(third!, at, "p1", "[::]:7001");
    await Promise.all([p0, p1].map((peer) => peer.event("listening")));
    const ending = await compare(fourth!, at);
    assertClean(runsOf(ending)[0], 60);
    assert.equal(ending.code, 0);
  },
});

Deno.test({
  name: `a machine that can't be reached is named${skipped}`,
  ignore: reason !== null,
  async fn() {
    await using machines = await Machines.create(3);
    const [first, second, third] = machines.all;
    const at = `${first!.address}:5678`;
    await using manager = startManager(first!, at);
    await manager.event("listening");
    await using p0 = startPeer(first!, at, "p0", `${first!.address}:0`);
    // It tells others an address to which no way leads.
    await using p1 = startPeer(second!, at, "p1", `${second!.address}:0`, "192.0.2.1:0");
    await Promise.all([p0, p1].map((peer) => peer.event("listening")));
    const ending = await compare(third!, at);
    assert.match(ending.stderr, /process 1 \(p1\) can't be reached: .*192\.0\.2\.1:\d+ \(.+\)$/m);
    assert.equal(ending.code, 1);
  },
});

function startManager({ prefix }: Machine, listen: string): RunningProcess {
  return RunningProcess.start(["manager", "--listen", listen, "--json"], { prefix });
}

function startPeer(
  { prefix }: Machine,
  manager: string,
  name: string,
  listen: string,
  advertise?: string,
): RunningProcess {
  const args = ["--manager", manager, "--name", name, "--listen", listen, "--json"];
  const more = advertise === undefined ? [] : ["--advertise", advertise];
  return RunningProcess.start(["peer", ...args, ...more], { prefix });
}

async function compare({ prefix }: Machine, manager: string, ...more: string[]): Promise<Ending> {
  const args = ["--manager", manager, "--messages", "30", "--interval", "2-5ms", "--json"];
  return await runToEnd(["compare", ...args, ...more], { prefix });
}
