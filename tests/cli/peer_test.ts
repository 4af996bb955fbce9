import assert from "node:assert/strict";
import { addressOf, Group, plain, startManager } from "./group.ts";
import { DatagramTap } from "./datagram_tap.ts";
import { assertClean, assertRefused, type Ending, runsOf, runToEnd } from "./processes.ts";

const FAST = ["--interval", "1-3ms"];

Deno.test("a peer whose name another one takes ends, and says so", async () => {
  await using group = await Group.start([]);
  const [first] = group.peers;
  const second = group.startPeer("--name", "p0");
  await second.event("listening");
  const { code, stderr } = await first!.end();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /\nmpcomm peer: another process has registered as p0 in this one's place\n$/,
  );
  const ending = await group.compare("--peers", "1", "--messages", "2", "--interval", "1ms");
  assert.equal(ending.code, 0);
});

Deno.test("a peer keeps its own log, one run behind the other", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const log = `${dir}/own.jsonl`;
    await using group = await Group.start(["--log", log], ...plain(1));
    const out = `${dir}/out`;
    const { code } = await group.compare("--messages", "10", "--out", out, ...FAST);
    assert.equal(code, 0);
    const first = await Deno.readTextFile(`${out}/lamport/0.jsonl`);
    assert.equal((await group.compare("--messages", "3", "--out", out, ...FAST)).code, 0);
    const second = await Deno.readTextFile(`${out}/lamport/0.jsonl`);
    group.peers[0]!.kill("SIGTERM");
    assert.equal((await group.peers[0]!.end()).code, 143);
    assert.equal(await Deno.readTextFile(log), first + second);
    assert.equal(first.match(/"event":"deliver"/g)?.length, 20);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("peers are told where others are reached by --advertise", async () => {
  await using tap = DatagramTap.open();
  await using group = await Group.start(["--advertise", tap.address], ...plain(2));
  tap.forwardTo(await addressOf(group.peers[0]!));
  const ending = await group.compare("--messages", "10", ...FAST);
  assertClean(runsOf(ending)[0], 30);
  assert.ok(tap.count > 0, "what is meant for process 0 goes the way that was advertised");
});

Deno.test("port 0 in --advertise stands for the port of --listen", async () => {
  await using group = await Group.start(["--advertise", "localhost:0"], ...plain(1));
  const [port] = (await addressOf(group.peers[0]!)).split(":").slice(-1);
  await group.manager.event("member", ({ address }) => address === `localhost:${port}`);
  const ending = await group.compare("--messages", "5", ...FAST);
  assertClean(runsOf(ending)[0], 10);
});

Deno.test("a port of --listen is the control port's number too", async () => {
  await using group = await Group.start(...plain(1));
  const { control } = await group.peers[0]!.event("listening");
  // Nobody has taken the UDP port of that number, or else the next peer says so.
  const port = String(control).split(":")[1];
  assertRefused(
    await peer(group.address, "--listen", String(control)),
    1,
    `mpcomm peer: Port ${port} on 127.0.0.1 is already in use`,
  );
  const other = group.startPeer("--listen", String(control), "--control-port", "0");
  const listening = await other.event("listening");
  assert.equal(listening.address, control);
  assert.notEqual(listening.control, control);
});

Deno.test("what is wrong with a peer's options is said in one line", async () => {
  await using manager = startManager();
  const address = await addressOf(manager);
  const dir = await Deno.makeTempDir();
  try {
    const refusals: readonly (readonly [args: string[], code: number, line: RegExp])[] = [
      [["--log", `${dir}/no/such/folder.jsonl`], 2, /^mpcomm peer: --log: .*folder\.jsonl/],
      [["--log", dir], 2, new RegExp(`^mpcomm peer: --log: .*${dir}`)],
      [["--topology", `${dir}/world`], 2, /^mpcomm peer: --topology: No topology ".*world"/],
      [["--topology", "lan", "--region", "mars"], 2, /^mpcomm peer: --region: .*"?mars"?/],
      [["--region", "mars"], 2, /^mpcomm peer: --region: needs a --topology/],
      [["--listen", "192.0.2.1:0"], 1, /^mpcomm peer: 192\.0\.2\.1 is not an address of this mach/],
      [["--listen", "no-such-host.invalid:0"], 1, /^mpcomm peer: .*no-such-host\.invalid/],
    ];
    for (const [args, code, line] of refusals) {
      assertRefused(await peer(address, ...args), code, line);
    }
    await Deno.writeTextFile(`${dir}/world`, "home office delay=12ms\nhome office\n");
    assertRefused(
      await peer(address, "--topology", `${dir}/world`),
      2,
      new RegExp(`^mpcomm peer: --topology: ${dir}/world:2: `),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  assert.equal(manager.events("member").length, 0, "none of them has registered");
});

Deno.test("a peer without a manager is told so", async () => {
  assertRefused(
    await peer("127.0.0.1:1"),
    1,
    "mpcomm peer: No manager at 127.0.0.1:1 (connection refused)",
  );
  assertRefused(await peer("no-such-host.invalid:1"), 1, /^mpcomm peer: .*no-such-host\.invalid/);
});

async function peer(manager: string, ...args: string[]): Promise<Ending> {
  return await runToEnd(["peer", "--manager", manager, ...args]);
}
