import assert from "node:assert/strict";
import { CoordinatorClient, newRequestId } from "../../src/hosts/coordinator_client.ts";
import type { Reply } from "../../src/protocols/persistent/messages.ts";
import type { Address } from "../../src/wire/address.ts";
import { addressOf } from "./group.ts";
import { assertRefused, type Ending, RunningProcess, runToEnd } from "./processes.ts";

const IN_MEMORY = ["--td", "2", "--store", ":memory:"];

async function inFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "mpcomm-coordinator-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function start(...args: string[]): RunningProcess {
  return RunningProcess.start(["coordinator", "--listen", "127.0.0.1:0", "--json", ...args]);
}

async function refused(...args: string[]): Promise<Ending> {
  return await runToEnd(["coordinator", ...args]);
}

async function clientOf(coordinator: RunningProcess): Promise<CoordinatorClient> {
  const [host, port] = (await addressOf(coordinator)).split(":");
  return new CoordinatorClient({ host: host!, port: Number(port) });
}

/** Nobody listens there: the member is online, and not connected. */
const NOWHERE: Address = { host: "127.0.0.1", port: 1 };

async function register(client: CoordinatorClient, id = "ada"): Promise<Reply> {
  const request = newRequestId();
  return await client.ask({ type: "register", request, id, address: NOWHERE, takeOver: false });
}

async function msend(client: CoordinatorClient, sizeBytes: number): Promise<Reply> {
  const payload = new Uint8Array(sizeBytes).fill(65);
  return await client.ask({ type: "msend", request: newRequestId(), id: "ada", payload });
}

Deno.test("a coordinator runs from its config file, and shows its members on command", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/c.conf`, "# the original's two lines\r\n0\r\n1.5\r\n");
    await using coordinator = RunningProcess.start([
      "coordinator",
      `${dir}/c.conf`,
      "--store",
      `${dir}/group.db`,
      "--json",
    ]);
    const client = await clientOf(coordinator);
    assert.equal((await coordinator.event("listening")).td, 1.5);
    assert.equal((await register(client)).type, "ok");
    await coordinator.event("member", ({ id, change }) => id === "ada" && change === "registered");
    await coordinator.event("link", ({ state }) => state === "lost");
    await msend(client, 10);
    await coordinator.type("status\n");
    const { lastSeq, members } = await coordinator.event("status");
    assert.equal(lastSeq, 1);
    const [{ lastAckAgeMs: _, ...ada }] = members as [Record<string, unknown>];
    assert.deepEqual(ada, {
      id: "ada",
      address: "127.0.0.1:1",
      state: "online",
      connected: false,
      backlog: 1,
      inFlight: 0,
    });
    await coordinator.type("dance\n");
    await coordinator.complaint(/unknown command "dance": status or quit/);
    await coordinator.type("quit\n");
    assert.equal((await coordinator.end()).code, 0);
  }));

Deno.test("coordinator status prints a table, or one event", async () => {
  await using coordinator = start(...IN_MEMORY);
  const address = await addressOf(coordinator);
  const empty = await runToEnd(["coordinator", "status", "--coordinator", address]);
  assert.match(empty.stdout, /^td 2 s, messages so far 0, [^\n]+\nNo participant is registered\n$/);
  await register(await clientOf(coordinator));
  const { stdout, code } = await runToEnd(["coordinator", "status", "--coordinator", address]);
  assert.equal(code, 0);
  assert.match(stdout, /^member +state +address +connected +backlog +in flight +heard$/m);
  assert.match(stdout, /^ada +online +127\.0\.0\.1:1 +no +0 +0 /m);
  const json = await runToEnd([
    ...["coordinator", "status", "--coordinator", address],
    ...["--json", "--quiet"],
  ]);
  assert.equal(json.stderr, "");
  assert.deepEqual(json.events.map(({ event, tdMs }) => [event, tdMs]), [["status", 2000]]);
});

Deno.test("the end of stdin doesn't end a coordinator, and a signal does", async () => {
  await using coordinator = start(...IN_MEMORY);
  const client = await clientOf(coordinator);
  await coordinator.closeInput();
  assert.equal((await register(client)).type, "ok");
  coordinator.kill("SIGTERM");
  const { code, stderr } = await coordinator.end();
  assert.equal(code, 143);
  assert.match(stderr, /nothing is kept on disk/);
});

Deno.test("after kill -9 a coordinator goes on where it was, and with --fresh it doesn't", () =>
  inFolder(async (dir) => {
    const store = ["--td", "2", "--store", `${dir}/s.db`];
    {
      await using coordinator = start(...store);
      const client = await clientOf(coordinator);
      await register(client);
      for (let i = 0; i < 5; i++) await msend(client, 10);
      coordinator.kill("SIGKILL");
      await coordinator.end();
    }
    {
      await using coordinator = start(...store);
      const { lastSeq, members } = await (await clientOf(coordinator)).status();
      assert.deepEqual([lastSeq, members.length], [5, 1]);
      const second = await refused("--listen", "127.0.0.1:0", ...store);
      assertRefused(
        second,
        2,
        /^mpcomm coordinator: --store: .*another process uses this store\n$/,
      );
      const fresh = await refused("--listen", "127.0.0.1:0", ...store, "--fresh");
      assertRefused(fresh, 2, /another process uses this store/);
      assert.equal((await msend(await clientOf(coordinator), 10)).type, "ok");
    }
    await using coordinator = start(...store, "--fresh");
    const { lastSeq, members } = await (await clientOf(coordinator)).status();
    assert.deepEqual([lastSeq, members.length], [0, 0]);
  }));

Deno.test("what a coordinator can't use is refused in one line", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/notes.txt`, "not a store\n".repeat(20));
    const cases: [args: string[], line: RegExp][] = [
      [[], /--listen is missing \(or a config file\)/],
      [["--listen", "127.0.0.1:0"], /--td is missing \(or a config file\)/],
      [["--listen", "127.0.0.1:0", "--td", "2s"], /--td: expected seconds such as 60 or 0\.5/],
      [["--listen", "127.0.0.1:0", "--td", "-1"], /--td/],
      [[`${dir}/none.conf`], /none\.conf: no such file/],
      [
        ["--listen", "127.0.0.1:0", "--td", "2", "--store", `${dir}/notes.txt`],
        /--store: .*notes\.txt: not a coordinator's store/,
      ],
      [
        ["--listen", "127.0.0.1:0", "--td", "2", "--store", `${dir}/no/s.db`],
        /--store: .*s\.db: no such file or folder/,
      ],
    ];
    for (const [args, line] of cases) assertRefused(await refused(...args), 2, line);
    for (
      const [text, line] of [
        ["", /c\.conf:1: expected the port/],
        ["70000\n2\n", /c\.conf:1: /],
        ["0\n", /c\.conf:2: expected td in seconds/],
        ["0\nsoon\n", /c\.conf:2: expected seconds/],
        ["0\n2\n3\n", /c\.conf:3: expected nothing more/],
      ] as const
    ) {
      await Deno.writeTextFile(`${dir}/c.conf`, text);
      assertRefused(await refused(`${dir}/c.conf`), 2, line);
    }
    assertRefused(
      await runToEnd(["coordinator", "status", "--coordinator", "127.0.0.1:1"]),
      1,
      "mpcomm coordinator status: No coordinator at 127.0.0.1:1 (connection refused)",
    );
  }));

Deno.test({
  name: "on a full disk nothing is acknowledged that isn't stored, until there is room again",
  ignore: !await canMount(),
  fn: () =>
    inFolder(async (dir) => {
      await using coordinator = RunningProcess.start(
        ["coordinator", "--listen", "127.0.0.1:0", "--td", "2", "--store", `${dir}/s.db`, "--json"],
        { prefix: onSmallDisk(dir) },
      );
      const client = await clientOf(coordinator);
      await register(client);
      let stored = 0;
      let reply = await msend(client, 10_000);
      for (; reply.type === "ok"; reply = await msend(client, 10_000)) stored = reply.seq;
      assert.match(reply.reason, /^Not stored: .*s\.db: the disk is full$/);
      await coordinator.event("store", ({ works }) => works === false);
      assert.equal((await client.status()).lastSeq, stored);
      await Deno.remove(`/proc/${coordinator.pid}/root${dir}/ballast`);
      const again = await msend(client, 10_000);
      assert.ok(again.type === "ok" && again.seq === stored + 1);
      await coordinator.event("store", ({ works }) => works === true);
    }),
});

/** Words that, in front of a command, give it a disk of its own at a folder, mostly full. */
function onSmallDisk(dir: string): string[] {
  const script = 'mount -t tmpfs -o size=800k tmpfs "$0" && ' +
    'head -c 300000 /dev/zero > "$0/ballast" && exec "$@"';
  return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, dir];
}

async function canMount(): Promise<boolean> {
  const dir = await Deno.makeTempDir();
  try {
    const [command, ...words] = [...onSmallDisk(dir), "true"];
    return (await new Deno.Command(command!, { args: words, stderr: "null" }).output()).success;
  } catch {
    return false; // There is no such command on this system.
  } finally {
    await Deno.remove(dir);
  }
}
