import assert from "node:assert/strict";
import { assertRefused, RunningProcess, runToEnd } from "./processes.ts";
import { inRing, Ring, tell } from "./rings.ts";

const isPosix = Deno.build.os !== "windows";

Deno.test("the story: start at one node, the token passes all, lock keeps it, unlock lets it go", async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a, b, c] = ring.names.map((name) => ring.start(name)) as [
    RunningProcess,
    RunningProcess,
    RunningProcess,
  ];
  await Promise.all([a, b, c].map((node) => node.event("listening")));
  assert.equal((await tell(a, "lock")).reason, "there is no token yet: start first");
  assert.equal((await tell(a, "unlock")).reason, "you don't have the lock");
  assert.deepEqual(await tell(b, "start"), { event: "ok", command: "start" });
  await Promise.all([a, b, c].map((node) => inRing(node, ring.names)));
  await Promise.all([a, b, c].map((node) => node.count("token", 5)));
  assert.match(String((await tell(c, "start")).reason), /^there is a token already/);
  for (const node of [a, b, c]) assertGrowing(node);

  assert.equal((await tell(a, "lock")).event, "ok");
  const { fence } = await a.event("locked");
  await b.event("holder", (event) => event.name === "a" && event.fence === fence);
  assert.equal((await tell(a, "lock")).reason, "you have the lock already");
  assert.equal((await tell(b, "lock")).event, "ok");
  await b.event("busy", (event) => event.holder === "a");
  assert.equal((await tell(b, "lock")).reason, "you wait for the lock already");
  assert.equal((await tell(b, "status")).state, "waiting");
  assert.equal(b.events("locked").length, 0);
  assert.equal((await tell(a, "unlock")).event, "ok");
  assert.ok(Number((await b.event("locked")).fence) > Number(fence));
  assert.equal((await tell(a, "unlock")).reason, "you don't have the lock");
  await tell(b, "quit");
  assert.equal((await b.end()).code, 0);
  await inRing(c, ["a", "c"]);
});

function assertGrowing(node: RunningProcess): void {
  const values = node.events("token").map(({ value }) => Number(value));
  for (const [i, value] of values.entries()) {
    assert.ok(i === 0 || value > values[i - 1]!, `${values}`);
  }
}

Deno.test("in a ring that stands still, --json has each hop", async () => {
  await using ring = await Ring.of("a", "b", "c");
  const nodes = await ring.startAll();
  await Promise.all(nodes.map((node) => node.count("token", 20)));
  // With all three in the ring, each has every third value.
  for (const node of nodes) {
    const full = node.events("token").map(({ value }) => Number(value)).slice(-10);
    for (const [i, value] of full.entries()) assert.equal(value, full[0]! + 3 * i);
  }
});

Deno.test("Ctrl-C at the holder passes the token on at once", { ignore: !isPosix }, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a, b] = await ring.startAll() as [RunningProcess, RunningProcess];
  await tell(a, "lock");
  const { fence } = await a.event("locked");
  await tell(b, "lock");
  await b.event("busy");
  a.kill("SIGINT");
  const next = await b.event("locked");
  assert.equal(next.fence, Number(fence) + 1, "in the same epoch: nobody waited for a lease's end");
  assert.equal((await a.end()).code, 130);
  assert.equal(a.events("unlocked").length, 1);
});

Deno.test("kill -9 of the holder: the next waiter gets the lock, with a higher number", {
  ignore: !isPosix,
}, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a, b] = await ring.startAll() as [RunningProcess, RunningProcess];
  await tell(a, "lock");
  const { fence } = await a.event("locked");
  await tell(b, "lock");
  await b.event("busy");
  a.kill("SIGKILL");
  const after = await b.event("locked");
  assert.ok(Number(after.fence) > Number(fence));
  // It comes back, and so does its vote.
  const again = ring.start("a");
  await inRing(again, ring.names);
});

Deno.test("a holder that is stopped for longer than its lease hears that it has lost the lock", {
  ignore: !isPosix,
}, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a, b] = await ring.startAll() as [RunningProcess, RunningProcess];
  await tell(a, "lock");
  await a.event("locked");
  await tell(b, "lock");
  await b.event("busy");
  a.kill("SIGSTOP");
  await b.event("locked");
  a.kill("SIGCONT");
  await a.event("lost");
  assert.equal((await tell(a, "unlock")).reason, "you don't have the lock");
});

Deno.test("two starts at once make one token", async () => {
  await using ring = await Ring.of("a", "b", "c");
  const nodes = ring.names.map((name) => ring.start(name, "--start"));
  await Promise.all(nodes.map((node) => inRing(node, ring.names)));
  await Promise.all(nodes.map((node) => node.count("token", 30)));
  const seen = nodes.flatMap((node) => node.events("token"));
  const last = Math.max(...seen.map(({ epoch }) => Number(epoch)));
  const values = seen.filter(({ epoch }) => epoch === last).map(({ value }) => value);
  assert.equal(new Set(values).size, values.length, "no value is at two nodes");
});

Deno.test("a minority says so, and gives the lock to nobody", async () => {
  await using ring = await Ring.of("a", "b", "c", "d", "e");
  const a = ring.start("a", "--start");
  const { reached, needed, machines } = await a.event("quorum", (event) => !event.quorum);
  assert.ok(Number(reached) < 3);
  assert.deepEqual({ needed, machines }, { needed: 3, machines: 5 });
  await a.complaint(/no quorum: only \d of 5 machines answers?; 3 are needed, nobody is granted/);
  await tell(a, "lock");
  const tried = await ring.runLocked("a", ["--try"], ["echo", "never"]);
  assert.equal(tried.code, 1);
  assert.match(tried.stderr, /no quorum: only \d of 5 machines/);
  const timedOut = await ring.runLocked("a", ["--timeout", "300ms"], ["echo", "never"]);
  assert.equal(timedOut.code, 124);
  assert.equal(timedOut.stdout + tried.stdout, "");
  assert.equal(a.events("locked").length, 0);
  // Two more make a majority.
  const [b, c] = [ring.start("b"), ring.start("c")];
  await a.event("locked");
  await Promise.all([b, c].map((node) => node.event("holder", (event) => event.name === "a")));
});

for (const count of [1, 2, 20]) {
  Deno.test(`a ring of ${count} works`, async () => {
    const names = Array.from({ length: count }, (_, i) => `n${i}`);
    await using ring = await Ring.of(...names);
    const nodes = await ring.startAll();
    const fences: number[] = [];
    for (const node of [nodes[0]!, nodes.at(-1)!]) {
      assert.equal((await tell(node, "lock")).event, "ok");
      fences.push(
        Number(
          (await node.event("locked", ({ fence }) => !fences.includes(fence as number))).fence,
        ),
      );
      assert.equal((await tell(node, "unlock")).event, "ok");
    }
    assert.ok(fences[1]! > fences[0]!);
    for (const node of nodes) node.kill("SIGTERM");
    for (const node of nodes) assert.equal((await node.end()).code, 143);
  });
}

Deno.test("the ring goes on after all nodes were stopped and started again, with higher numbers", async () => {
  await using ring = await Ring.of("a", "b", "c");
  let before = 0;
  for (let round = 0; round < 2; round++) {
    const nodes = round === 0 ? await ring.startAll() : ring.names.map((name) => ring.start(name));
    await Promise.all(nodes.map((node) => inRing(node, ring.names)));
    await tell(nodes[1]!, "lock");
    const fence = Number((await nodes[1]!.event("locked")).fence);
    assert.ok(fence > before);
    before = fence;
    for (const node of nodes) await tell(node, "quit");
    for (const node of nodes) assert.equal((await node.end()).code, 0);
  }
});

Deno.test("--next chooses the way of the token", async () => {
  await using ring = await Ring.of("a", "b", "c");
  const nodes = [
    ring.start("a", "--start", "--next", "c"),
    ring.start("b"),
    ring.start("c", "--next", "b"),
  ];
  await Promise.all(nodes.map((node) => inRing(node, ring.names)));
  const { members } = nodes[1]!.events("view").at(-1)! as unknown as { members: string[] };
  const first = members.indexOf("a");
  assert.equal(members[(first + 1) % 3], "c");
});

Deno.test("the end of a script is no quit", async () => {
  await using ring = await Ring.of("a");
  const node = ring.start("a");
  await node.type("start\n");
  await node.closeInput();
  await node.count("token", 5);
});

Deno.test("two rings don't mix: who has another file is told of once", async () => {
  await using ring = await Ring.of("a", "b");
  await Deno.writeTextFile(
    `${ring.folder}/other.txt`,
    `a ${ring.addresses[0]}\nz ${ring.addresses[1]}\n`,
  );
  const a = ring.start("a", "--start");
  await a.event("listening");
  const z = RunningProcess.start(
    ["tokenring", "--machines", `${ring.folder}/other.txt`, "--name", "z", "--json"],
    { env: ring.env },
  );
  await using _z = z;
  const { reason } = await a.event("warning");
  assert.equal(reason, `${ring.addresses[1]} has another machines file, or another --lease`);
});

Deno.test("bad machines files are refused with the line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-ring-" });
  try {
    const cases: [content: string, complaint: string][] = [
      ["a 127.0.0.1:7001\nb\n", ":2: expected NAME HOST:PORT, found no address"],
      ["a 127.0.0.1:7001 x\n", ":1: expected NAME HOST:PORT, found 3 fields"],
      ["a 127.0.0.1\n", ':1: "127.0.0.1" has no port: expected HOST:PORT'],
      ["a 127.0.0.1:7001\r\n# b\r\na 127.0.0.1:7002\r\n", ":3: a is already on line 1"],
      ["a h:7001\nb H:7001\n", ":2: H:7001 is the address of a on line 1"],
      ["# nobody\n", ": names nobody"],
      ['{"a": "127.0.0.1:7001",\n"b": 7}', ":2:"],
      ["{", ":1:"],
      ["\xff\xfe", ":1:"],
      ["a 127.0.0.1:7001\n", "--name: there is no n in"],
    ];
    for (const [content, complaint] of cases) {
      const file = `${folder}/m.txt`;
      await Deno.writeTextFile(file, content);
      for (const action of [[], ["lock", "--", "true"], ["status"]]) {
        const ending = await runToEnd(["tokenring", "--machines", file, "--name", "n", ...action]);
        assertRefused(ending, 2, /^mpcomm tokenring: /);
        const place = complaint.startsWith("--") ? complaint : `--machines: ${file}${complaint}`;
        assert.ok(ending.stderr.includes(place), `${ending.stderr} instead of ${place}`);
      }
    }
    const many = Array.from({ length: 65 }, (_, i) => `n${i} 127.0.0.1:${7000 + i}\n`).join("");
    await Deno.writeTextFile(`${folder}/many.txt`, many);
    const ending = await runToEnd([
      "tokenring",
      "--machines",
      `${folder}/many.txt`,
      "--name",
      "n0",
    ]);
    assertRefused(ending, 2, /many\.txt: a ring has at most 64 machines$/m);
    const gone = await runToEnd(["tokenring", "--machines", `${folder}/none`, "--name", "a"]);
    assertRefused(gone, 2, /^mpcomm tokenring: --machines: .*none: no such file or folder$/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what doesn't go together is refused in one line", async () => {
  await using ring = await Ring.of("a", "b");
  const cases: [words: string[], complaint: RegExp][] = [
    [["--machines", ring.file], /--name is missing \(in .*: a and b\)/],
    [["--name", "a"], /--machines is missing/],
    [ring.words("a", "lock").slice(1), /COMMAND is missing: lock -- COMMAND/],
    [ring.words("a", "lock", "--").slice(1), /COMMAND is missing: lock -- COMMAND/],
    [ring.words("a", "--try").slice(1), /--try: goes with lock/],
    [ring.words("a", "--timeout", "1s").slice(1), /--timeout: goes with lock/],
    [ring.words("a", "lock", "--json", "--", "true").slice(1), /--json: doesn't go with lock/],
    [ring.words("a", "lock", "--start", "--", "true").slice(1), /--start: doesn't go with lock/],
    [ring.words("a", "status", "x").slice(1), /status takes nothing after it/],
    [ring.words("a", "lok").slice(1), /did you mean lock/],
    [ring.words("a", "--next", "z").slice(1), /--next: there is no z in .*, only a and b/],
    [ring.words("a", "--next", "a").slice(1), /--next: a is the node itself/],
    [ring.words("a", "--pace", "1h").slice(1), /--pace/],
    [["--machines", ring.file, "lock", "--", "true"], /--name is missing/],
  ];
  for (const [words, complaint] of cases) {
    assertRefused(await runToEnd(["tokenring", ...words], { env: ring.env }), 2, complaint);
  }
});

Deno.test("a damaged state is refused, and so is that of another node", async () => {
  await using ring = await Ring.of("a", "b");
  const state = `${ring.folder}/vote.json`;
  for (const content of ["", "{", "[]", '{"format":"mpcomm token ring 1"}', "x".repeat(5000)]) {
    await Deno.writeTextFile(state, content);
    const words = ring.words("a", "--state", state);
    const complaint = /^mpcomm tokenring: --state: .*vote\.json: damaged, or not the state/;
    assertRefused(await runToEnd(words, { env: ring.env }), 2, complaint);
    assert.equal(await Deno.readTextFile(state), content, "it stays as it is");
  }
  await Deno.remove(state);
  const a = ring.start("a", "--state", state);
  await a.event("listening");
  await tell(a, "quit");
  await a.end();
  const other = await runToEnd(ring.words("b", "--state", state), { env: ring.env });
  assertRefused(other, 2, /vote\.json: it is the state of a$/m);
});

Deno.test("a node whose port is taken says so", async () => {
  await using ring = await Ring.of("a");
  const port = Number(ring.addresses[0]!.split(":")[1]);
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  const line = new RegExp(`^mpcomm tokenring: Port ${port} on 127.0.0.1 is already in use$`, "m");
  const ending = await runToEnd(ring.words("a"), { env: ring.env });
  taken.close();
  assertRefused(ending, 1, line);
});
