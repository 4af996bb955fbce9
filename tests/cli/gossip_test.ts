import assert from "node:assert/strict";
import { Gossips, heardBy, hears, tell, upOf } from "./gossips.ts";
import { assertRefused, RunningProcess, runToEnd } from "./processes.ts";

const isPosix = Deno.build.os !== "windows";

/** A rumor as `list` shows it. */
interface Listed {
  readonly id: string;
  readonly text: string;
  readonly from: string;
  readonly hops: number;
}

/** The rumors that a node keeps. */
async function listOf(node: RunningProcess): Promise<Listed[]> {
  const { rumors } = await tell(node, "list");
  return rumors as Listed[];
}

Deno.test("the story: one adds another, who then knows it too; what one says, all hear once", async () => {
  await using network = await Gossips.of("a", "b", "c");
  const [a, b, c] = network.names.map((name) => network.start(name)) as [
    RunningProcess,
    RunningProcess,
    RunningProcess,
  ];
  const { address, name } = await a.event("listening");
  assert.deepEqual({ address, name }, { address: network.addresses[0], name: "a" });
  await Promise.all([b, c].map((node) => node.event("listening")));
  assert.equal((await tell(a, "add a")).reason, "a is this node itself");
  const unknown = await tell(a, "add z");
  assert.equal(unknown.reason, `there is no "z" in ${network.file}, only a, b and c`);
  assert.deepEqual(await tell(a, "add b"), { event: "ok", command: "add", name: "b" });
  await a.event("peer", (event) => event.name === "b" && event.state === "up");
  await b.event("peer", (event) => event.name === "a" && event.state === "up");
  assert.equal((await tell(a, "add b")).reason, "b was added already");
  assert.equal((await tell(c, "add b")).event, "ok");
  await network.meet([a, b, c]);

  const said = await tell(a, "say  hello, world ");
  for (const node of [a, b, c]) {
    const { id, from, hops } = await hears(node, " hello, world ");
    assert.deepEqual({ id, from }, { id: said.id, from: "a" });
    assert.ok(node === a ? hops === 0 : Number(hops) >= 1);
  }
  await tell(c, "say good day");
  for (const node of [a, b, c]) await hears(node, "good day");
  for (const node of [a, b, c]) {
    const list = await listOf(node);
    assert.deepEqual(list.map(({ text }) => text), [" hello, world ", "good day"]);
    assert.deepEqual(list.map(({ from }) => from), ["a", "c"]);
    const rumors = node.events("rumor").map(({ event: _, ...rumor }) => rumor);
    assert.deepEqual(rumors, list);
  }

  const status = await tell(b, "status");
  assert.deepEqual([status.up, status.down, status.rumors, status.kept], [2, 0, 2, 2]);
  const peers = status.peers as { name: string; state: string }[];
  assert.deepEqual(peers.map(({ name, state }) => `${name} ${state}`), ["a alive", "c alive"]);

  assert.equal((await tell(c, "quit")).event, "ok");
  const ending = await c.end();
  assert.equal(ending.code, 0);
  const summary = ending.events.at(-1)!;
  assert.deepEqual([summary.event, summary.rumors], ["summary", 2]);
  assert.ok(Number(summary.sent) > 0 && Number(summary.traffic) === Number(summary.sent) / 2);
  assert.equal(summary.followed, 1);
  assert.ok(Number(summary.missing) <= Number(summary.residue) && Number(summary.residue) <= 1);
  for (const node of [a, b]) {
    await node.event("peer", (event) => event.name === "c" && event.state === "down");
  }
});

Deno.test("in a tree of six, as in the original, all get every word, each once", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  await using network = await Gossips.of(...names);
  const parents = [null, "a", "a", "b", "b", "c"];
  const nodes = names.map((name, i) => {
    const peers = parents[i] === null ? [] : ["--peers", parents[i]!];
    return network.start(name, ["--generate", "200ms", ...peers]);
  });
  await network.meet(nodes);
  for (const node of nodes) await node.count("rumor", 60);
  const said = nodes.flatMap((node, i) =>
    node.events("rumor").filter(({ from }) => from === names[i]).map(({ id }) => id)
  );
  assert.ok(said.length >= 60);
  for (const node of nodes) await node.prints(() => said.every((id) => idsOf(node).has(id)));
  for (const node of nodes) {
    assert.equal(node.events("rumor").length, idsOf(node).size, "each once");
  }
});

function idsOf(node: RunningProcess): Set<unknown> {
  return new Set(node.events("rumor").map(({ id }) => id));
}

Deno.test("what was said before and after a node came is in all lists, each once", async () => {
  await using network = await Gossips.of("a", "b", "c", "d");
  const [a, b, c] = ["a", "b", "c"].map((name, i) =>
    network.start(name, i === 0 ? [] : ["--peers", "a"])
  ) as [RunningProcess, RunningProcess, RunningProcess];
  await network.meet([a, b, c]);
  const words = Array.from({ length: 300 }, (_, i) => `word ${i}`);
  for (const [i, node] of [a, b, c].entries()) {
    await node.type(words.filter((_, j) => j % 3 === i).map((word) => `say ${word}\n`).join(""));
  }
  const d = network.start("d", ["--peers", "b"]);
  for (const node of [a, b, c, d]) await node.count("rumor", 300);
  for (const node of [a, b, c, d]) {
    assert.deepEqual(heardBy(node), words.toSorted());
    assert.equal((await listOf(node)).length, 300);
  }
});

Deno.test("kill -9 is noticed by all; who comes back is told what it missed", {
  ignore: !isPosix,
}, async () => {
  await using network = await Gossips.of("a", "b", "c", "d", "e");
  const nodes = await network.startAll();
  const [a, , c] = nodes as [RunningProcess, RunningProcess, RunningProcess];
  await tell(c, "say before");
  await hears(a, "before");
  c.kill("SIGKILL");
  const others = nodes.filter((node) => node !== c);
  const before = performance.now();
  for (const node of others) {
    await node.event("peer", (event) => event.name === "c" && event.state === "down");
  }
  // A suspicion alone takes five seconds; the closed port is what tells sooner.
  const ms = performance.now() - before;
  assert.ok(ms < 20_000, `${ms} ms`);
  await tell(a, "say meanwhile");
  const again = network.start("c"); // It adds nobody: the others look for it.
  await hears(again, "before");
  await hears(again, "meanwhile");
  await tell(again, "say back");
  for (const node of others) {
    await hears(node, "back");
    await node.prints(() => upOf(node).size === 4);
  }
});

Deno.test("Ctrl-C is a goodbye", { ignore: !isPosix }, async () => {
  await using network = await Gossips.of("a", "b", "c");
  const [a, b, c] = await network.startAll() as [RunningProcess, RunningProcess, RunningProcess];
  a.kill("SIGINT");
  for (const node of [b, c]) {
    await node.event("peer", (event) => event.name === "a" && event.state === "down");
  }
  const { code, events } = await a.end();
  assert.equal(code, 130);
  assert.equal(events.at(-1)!.event, "summary");
  // Who has said goodbye may be added again, though nobody is there so far.
  assert.equal((await tell(b, "add a")).event, "ok");
  const again = network.start("a");
  await network.meet([again, b, c]);
});

Deno.test("the end of a script is no quit", async () => {
  await using network = await Gossips.of("a", "b");
  const a = network.start("a");
  await a.type("say hello");
  await a.closeInput();
  const b = network.start("b", ["--peers", "a"]);
  await hears(b, "hello");
  await tell(b, "say goodbye");
  await hears(a, "goodbye");
});

Deno.test("a rumor of 1 MiB arrives as it was said, and a longer one is refused", async () => {
  await using network = await Gossips.of("a", "b", "c");
  const [a, b, c] = await network.startAll() as [RunningProcess, RunningProcess, RunningProcess];
  const text = "a long story; ".repeat(2 ** 20 / 14 + 1).slice(0, 2 ** 20);
  assert.equal((await tell(a, `say ${text}`)).event, "ok");
  for (const node of [b, c]) await hears(node, text);
  const refused = await tell(a, `say ${text}!`);
  assert.equal(refused.event, "error");
  assert.match(String(refused.reason), /1048576 bytes/);
  assert.equal(b.events("rumor").length, 1);
});

Deno.test("--generate takes words from a file", async () => {
  await using network = await Gossips.of("a", "b");
  const words = `${network.folder}/words.txt`;
  await Deno.writeTextFile(words, "\r\n  first word \r\n\r\nzweites Wort\n");
  const options = ["--generate", "20ms", "--words", words];
  const a = network.start("a", options);
  const b = network.start("b", ["--peers", "a"]);
  await hears(b, "first word");
  await hears(b, "zweites Wort");
  await a.count("rumor", 20);
  assert.deepEqual([...new Set(heardBy(a))], ["first word", "zweites Wort"]);
  assert.deepEqual(a.events("ok"), [], "nobody has given a command");
});

Deno.test("for people and pipes a rumor is a line, with who said it and its hops", async () => {
  await using network = await Gossips.of("a", "b");
  const a = RunningProcess.start(network.words("a"));
  await using _a = a;
  await a.complaint(/^a at 127\.0\.0\.1:\d+: add a node, or be added by one\n/);
  const b = network.start("b", ["--peers", "a"]);
  await a.complaint(/^b is up\n/m);
  await tell(b, "say caf\u00e9 \u001b[31mred");
  await a.output(/^b: café \\u001b\[31mred \(hops 1\)\n/m);
  await a.type("say me too\nlist\nstatus\nhelp\nad b\nlist all\nsay\nadd\nadd a b\n");
  await a.complaint(/^mpcomm gossip: add: one name at a time$/m);
  const line = "a: me too (hops 0)\n";
  await a.output(new RegExp(`${RegExp.escape(line)}b: .*\\n${RegExp.escape(line)}`));
  await a.output(/^Up: a and b\nKept: 2, of which \d are being told\nRumors: 2, sent \d+ times/m);
  await a.output(/^say TEXT {2}let everybody know\n/m);
  for (
    const complaint of [
      /^mpcomm gossip: ad: no command "ad": did you mean add\?$/m,
      /^mpcomm gossip: list: list takes nothing after it$/m,
      /^mpcomm gossip: say: there is nothing to say: say TEXT$/m,
      /^mpcomm gossip: add: whom\? add NAME$/m,
    ]
  ) {
    await a.complaint(complaint);
  }
  await a.type("quit\n");
  const { code, stderr } = await a.end();
  assert.equal(code, 0);
  assert.match(stderr, /^Rumors: 2, sent /m);
});

Deno.test("a node whose port is taken says so", async () => {
  await using network = await Gossips.of("a", "b");
  const a = network.start("a");
  await a.event("listening");
  const port = network.addresses[0]!.split(":")[1];
  const line = new RegExp(`^mpcomm gossip: Port ${port} on 127.0.0.1 is already in use$`, "m");
  assertRefused(await runToEnd(network.words("a")), 1, line);
});

Deno.test("of two nodes with one name the earlier one says so and ends", async () => {
  await using network = await Gossips.of("a", "b", "c");
  const [a, b] = [network.start("a"), network.start("b", ["--peers", "a"])];
  await network.meet([a, b]);
  const other = `${network.folder}/other.txt`;
  const [address, , elsewhere] = network.addresses;
  await Deno.writeTextFile(other, `a ${address}\nb ${elsewhere}\n`);
  await using namesake = RunningProcess.start(
    ["gossip", "--machines", other, "--name", "b", "--peers", "a", "--json"],
  );
  await namesake.event("listening");
  const { code, stderr } = await b.end();
  assert.equal(code, 1);
  const complaint = `${elsewhere} is b too, and was started later: names must differ`;
  assert.equal(stderr, `mpcomm gossip: ${complaint}\n`);
});

Deno.test("bad files are refused with the line", async () => {
  await using network = await Gossips.of("a", "b");
  const file = `${network.folder}/bad.txt`;
  const machines: [content: string | Uint8Array, complaint: string][] = [
    ["a 127.0.0.1:7001\nb\n", ":2: expected NAME HOST:PORT, found no address"],
    ["a 127.0.0.1:7001\r\n# b\r\na 127.0.0.1:7002\r\n", ":3: a is already on line 1"],
    ["a h:7001\nb H:7001\n", ":2: H:7001 is the address of a on line 1"],
    ["a h:0\n", ":1: "],
    ["# nobody\n", ": names nobody"],
    ['{"a": "127.0.0.1:7001",\n"b": 7}', ":2:"],
    [new Uint8Array([0xff, 0xfe, 0x41]), ": not a text file in UTF-8"],
    [
      Array.from({ length: 1001 }, (_, i) => `n${i} h:${i + 1}\n`).join(""),
      ":1001: a group has at most 1000 members",
    ],
  ];
  for (const [content, complaint] of machines) {
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
    const ending = await runToEnd(["gossip", "--machines", file, "--name", "a"]);
    assertRefused(ending, 2, /^mpcomm gossip: --machines: /);
    assert.ok(ending.stderr.includes(`${file}${complaint}`), ending.stderr);
  }
  const words: [content: string | Uint8Array, complaint: string][] = [
    ["\n \n", ": no words in it"],
    [`a\n${"x".repeat(1001)}\n`, ":2: a word has at most 1000 characters"],
    [new Uint8Array([0xff]), ": not a text file in UTF-8"],
    ["x ".repeat(5_000_000), ": longer than 8388608 bytes"],
  ];
  for (const [content, complaint] of words) {
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
    const ending = await runToEnd(network.words("a", "--generate", "1s", "--words", file));
    assertRefused(ending, 2, `mpcomm gossip: --words: ${file}${complaint}`);
  }
  const gone = await runToEnd(network.words("a", "--generate", "1s", "--words", "/none"));
  assertRefused(gone, 2, "mpcomm gossip: --words: /none: no such file or folder");
});

Deno.test("what doesn't go together is refused in one line", async () => {
  await using network = await Gossips.of("a", "b");
  const { file } = network;
  const cases: [words: string[], complaint: RegExp][] = [
    [["--machines", file], /--name is missing \(in .*: a and b\)/],
    [["--name", "a"], /--machines is missing/],
    [["--machines", file, "--name", "z"], /--name: there is no z in .*, only a and b/],
    [network.words("a", "--peers", "z").slice(1), /--peers: there is no "z" in .*, only a and b/],
    [network.words("a", "--peers", "a").slice(1), /--peers: a is this node itself/],
    [network.words("a", "--peers", "b,b").slice(1), /--peers.*b is given twice/],
    [network.words("a", "--peers", "b,").slice(1), /--peers.*expected a name/],
    [
      network.words("a", "--feedback", "--blind").slice(1),
      /--feedback and --blind cannot be used together/,
    ],
    [network.words("a", "--words", file).slice(1), /--words: goes with --generate/],
    [network.words("a", "--mode", "pul").slice(1), /--mode.*did you mean pull\?/],
    [network.words("a", "--stop", "dice").slice(1), /--stop.*use counter, coin/],
    [network.words("a", "--k", "0").slice(1), /--k.*expected a whole number from 1 to 1000/],
    [network.words("a", "--fanout", "0").slice(1), /--fanout.*expected a whole number from 1 to/],
    [network.words("a", "--interval", "1ms").slice(1), /--interval.*from 10ms to 1m/],
    [network.words("a", "--anti-entropy", "on").slice(1), /--anti-entropy/],
    [network.words("a", "--generate", "0s").slice(1), /--generate/],
    [network.words("a", "hello").slice(1), /hello/],
  ];
  for (const [words, complaint] of cases) {
    assertRefused(await runToEnd(["gossip", ...words]), 2, complaint);
  }
});
