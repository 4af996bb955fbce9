import assert from "node:assert/strict";
import { assertFifo, Chats, delivered, inViewOf, linesOf } from "./chats.ts";
import { addressOf, startManager } from "./group.ts";
import { assertRefused, RunningProcess, runToEnd } from "./processes.ts";

Deno.test("five at once, with loss, generated lines and one who leaves: one transcript", async () => {
  const names = ["alice", "bob", "carol", "dave", "erin"];
  await using chats = await Chats.create(...names);
  const members = names.toReversed().map((name) => {
    const generate = ["alice", "erin"].includes(name) ? "20/s" : "off";
    return chats.start(name, "--link", "loss=5%", "--generate", generate);
  }).toReversed();
  await Promise.all(members.map((member) => inViewOf(member, ...names)));

  const say = (member: RunningProcess, what: string) =>
    member.type(Array.from({ length: 20 }, (_, i) => `${what} ${i}\n`).join(""));
  await Promise.all(members.map((member) => say(member, "together")));
  const leaver = members[2]!;
  const staying = members.filter((member) => member !== leaver);
  await leaver.count("deliver", 60);
  await Promise.all([
    leaver.type("goodbye\n/quit\n"),
    ...staying.map((member) => say(member, "while carol leaves")),
  ]);
  const left = await leaver.end();
  assert.deepEqual([left.code, left.stderr], [0, ""]);

  for (const name of ["alice", "erin"]) { // 40 lines are typed, and 10 more generated.
    await members[1]!.event("deliver", ({ sender, seq }) => sender === name && Number(seq) > 50);
  }
  await Promise.all(staying.map((member) => member.type("/stop\nthat is all\n")));
  for (const member of staying) {
    const others = names.filter((name) => name !== "carol");
    await inViewOf(member, ...others);
    for (const name of others) await delivered(member, name, "that is all");
  }
  const [transcript, ...others] = staying.map(linesOf);
  for (const other of others) assert.deepEqual(other, transcript);
  assertFifo(transcript!);
  const typed = transcript!.filter(({ text }) => /^together|^while/.test(text));
  assert.equal(typed.length, 5 * 20 + 4 * 20);
  assert.ok(transcript!.length > typed.length + 10, "there are generated lines");
  const seen = linesOf({ events: (kind) => left.events.filter(({ event }) => event === kind) });
  assert.deepEqual(seen, transcript!.slice(0, seen.length));
  const last = seen.filter(({ sender }) => sender === "carol").at(-1);
  assert.equal(last?.text, "goodbye");
  assert.equal(transcript!.filter(({ sender }) => sender === "carol").at(-1)?.text, "goodbye");

  await Promise.all(staying.map((member) => member.type("/quit\n")));
  for (const member of staying) assert.equal((await member.end()).code, 0);
});

Deno.test("members start in any sequence, and say for whom they wait", async () => {
  await using chats = await Chats.create("alice", "bob", "carol");
  const carol = chats.start("carol");
  const isFor = (...names: string[]) => (event: { readonly [key: string]: unknown }) =>
    (event.for as string[]).toSorted().join() === names.join();
  await carol.event("waiting", isFor("alice", "bob"));
  await carol.type("said before anybody came\n/who\n");
  const { members } = await carol.event("who");
  assert.deepEqual(
    (members as { name: string }[]).toSorted((a, b) => a.name < b.name ? -1 : 1),
    [
      { name: "alice", state: "missing", self: false },
      { name: "bob", state: "missing", self: false },
      { name: "carol", state: "here", self: true },
    ],
  );
  const alice = chats.startPlain("alice");
  await alice.complaint(/^alice receives at .*\nWaiting for (bob and carol|bob)\n/);
  await carol.event("waiting", isFor("bob"));
  const bob = chats.start("bob");
  await Promise.all([carol, bob].map((member) => inViewOf(member, "alice", "bob", "carol")));
  await delivered(bob, "carol", "said before anybody came");
  await alice.complaint(/You are in the chat with bob and carol; \/help lists the commands\n/);
  await alice.output(/^carol: said before anybody came\n/);
});

Deno.test("Ctrl-C is a goodbye too", async () => {
  await using chats = await Chats.create("alice", "bob", "carol");
  const [alice, bob, carol] = await chats.startAll(["alice", "bob", "carol"]);
  await alice!.type("last words\n");
  await delivered(alice!, "alice", "last words");
  alice!.kill("SIGINT");
  const { code, stderr } = await alice!.end();
  assert.deepEqual([code, stderr], [130, ""]);
  for (const member of [bob!, carol!]) {
    const { left } = await inViewOf(member, "bob", "carol");
    assert.deepEqual(left, ["alice"]);
  }
  await bob!.type("we go on\n");
  await delivered(carol!, "bob", "we go on");
});

Deno.test("who left may come back", async () => {
  await using chats = await Chats.create("alice", "bob");
  const [alice, bob] = await chats.startAll(["alice", "bob"]);
  await bob!.type("/quit\n");
  assert.equal((await bob!.end()).code, 0);
  await inViewOf(alice!, "alice");
  const again = chats.start("bob");
  await inViewOf(again, "alice", "bob");
  await again.type("here I am again\n");
  await delivered(alice!, "bob", "here I am again");
});

Deno.test("who vanishes is reported, and so is his return; lines wait for him", async () => {
  await using chats = await Chats.create("alice", "bob", "carol");
  const [alice, bob, carol] = await chats.startAll(["alice", "bob", "carol"]);
  carol!.kill("SIGSTOP");
  await alice!.type("is she there?\n");
  const isCarol = ({ name }: { readonly [key: string]: unknown }) => name === "carol";
  const waitsForCarol = (event: { readonly [key: string]: unknown }) =>
    (event.for as string[]).join() === "carol";
  for (const member of [alice!, bob!]) {
    await member.event("silent", isCarol);
    await member.event("blocked", waitsForCarol);
    assert.deepEqual(linesOf(member), []);
  }
  carol!.kill("SIGCONT");
  for (const member of [alice!, bob!, carol!]) await delivered(member, "alice", "is she there?");
  for (const member of [alice!, bob!]) {
    await member.event("heard", isCarol);
    await member.event("blocked", (event) => (event.for as string[]).length === 0);
  }

  bob!.kill("SIGKILL");
  await carol!.type("and he?\n/who\n");
  await alice!.event("silent", ({ name }) => name === "bob");
  await carol!.event("blocked", (event) => (event.for as string[]).join() === "bob");
  const again = chats.start("bob");
  for (const member of [alice!, carol!, again]) {
    const { reason } = await member.event("warning");
    const who = member === again ? "you" : "bob was started again and";
    const start = new RegExp(`^${who} can't come in: .*bob of before, which did not say goodbye`);
    assert.match(String(reason), start);
    assert.match(String(reason), /; all must end with \/quit and start again$/);
  }
  alice!.kill("SIGINT");
  const { code, stderr } = await alice!.end();
  assert.equal(code, 130, "leaving takes a bounded time");
  assert.doesNotMatch(stderr, /not delivered/);
  await carol!.event("warning", ({ reason }) => /^alice has left/.test(String(reason)));
  await carol!.type("/quit\n");
  await carol!.complaint(/what you said last was not delivered: 1 line\n$/);
  assert.equal((await carol!.end()).code, 0);
});

Deno.test("a second one of a living member's name is told so, and ends", async () => {
  await using chats = await Chats.create("alice", "bob");
  const [alice, bob] = await chats.startAll(["alice", "bob"]);
  const second = chats.start("bob", "--listen", "127.0.0.1:0");
  const { code, stderr } = await second.end();
  assert.match(stderr, /: there is already bob in the chat, and alive; choose another name\n$/);
  assert.equal(code, 1);
  const { reason } = await alice!.event("warning");
  assert.equal(reason, "somebody else called bob wants to come in, and can't");
  await alice!.type("nothing is wrong\n");
  await delivered(bob!, "alice", "nothing is wrong");
});

Deno.test("with a manager the first begins alone, and others join while it goes on", async () => {
  await using running = new AsyncDisposableStack();
  const manager = running.use(startManager());
  const address = await addressOf(manager);
  // Registered as well, and no chat.
  await running.use(RunningProcess.start(["peer", "--manager", address, "--name", "p", "--json"]))
    .event("listening");
  const start = (name: string, ...args: string[]) =>
    running.use(
      RunningProcess.start(["chat", "--manager", address, "--name", name, "--json", ...args]),
    );
  const alice = start("alice");
  await inViewOf(alice, "alice");
  await alice.type("anybody there?\n");
  await delivered(alice, "alice", "anybody there?");
  const bob = start("bob", "--listen", "127.0.0.1:0", "--advertise", "localhost:0");
  await inViewOf(bob, "alice", "bob");
  await bob.type("I am\n");
  for (const member of [alice, bob]) await delivered(member, "bob", "I am");
  const carol = start("carol", "--link", "loss=5%");
  for (const member of [alice, bob, carol]) await inViewOf(member, "alice", "bob", "carol");
  await carol.type("me too\n");
  await alice.type("welcome\n");
  for (const member of [alice, bob, carol]) {
    await delivered(member, "carol", "me too");
    await delivered(member, "alice", "welcome");
  }
  const whole = linesOf(alice);
  assertFifo(whole);
  assert.equal(whole.length, 4);
  assert.deepEqual(linesOf(bob), whole.slice(1));
  assert.deepEqual(linesOf(carol), whole.slice(2));
  await alice.type("/quit\n");
  assert.equal((await alice.end()).code, 0);
  for (const member of [bob, carol]) await inViewOf(member, "bob", "carol");
  await bob.type("she is gone\n");
  await delivered(carol, "bob", "she is gone");
});

Deno.test("the end of a script is no goodbye, except for a lab's child", async () => {
  await using chats = await Chats.create("alice", "bob");
  const script = chats.start("alice");
  const child = chats.startPlain("bob", ["--json"], { env: { MPCOMM_LAB: "1" } });
  await script.type("all I have to say");
  await script.closeInput();
  await delivered(child, "alice", "all I have to say");
  await child.type("still there?\n");
  await delivered(script, "bob", "still there?");
  await child.closeInput();
  assert.equal((await child.end()).code, 0);
  await inViewOf(script, "alice");
  script.kill("SIGTERM");
  assert.equal((await script.end()).code, 143);
});

Deno.test("lines are as they were typed, and others can't write to one's terminal", async () => {
  await using chats = await Chats.create("alice", "bob");
  const alice = chats.startPlain("alice");
  const bob = chats.start("bob");
  const lines = ["  grüße, 日本 ", "\x1b[2J\x07", "a\tb", "{}", "x".repeat(60_000)];
  await bob.type(`${lines.join("\n")}\r\n//end\n/ende\n/help\n`);
  await bob.complaint(/warning: no command "\/ende" \(.*\); not sent\n$/);
  await delivered(bob, "bob", "/end");
  assert.deepEqual(linesOf(bob).map(({ text }) => text), [...lines, "/end"]);
  const shown = await alice.output(/^[^]*bob: \/end\n/);
  assert.equal(
    shown,
    ["  grüße, 日本 ", "\\u001b[2J\\u0007", "a\\tb", "{}", "x".repeat(60_000), "/end"]
      .map((text) => `bob: ${text}\n`).join(""),
  );
});

Deno.test("a seed generates the same lines again, and each name others", async () => {
  const generated = async () => {
    await using chats = await Chats.create("alice", "bob");
    const [alice] = await chats.startAll(["alice", "bob"], "--generate", "50/s", "--seed", "7");
    const enough = (name: string) =>
      alice!.event("deliver", ({ sender, seq }) => sender === name && seq === 5);
    await Promise.all([enough("alice"), enough("bob")]);
    const first = (name: string) =>
      linesOf(alice!).filter(({ sender, seq }) => sender === name && seq <= 5)
        .map(({ text }) => text);
    return [first("alice"), first("bob")];
  };
  const [alice, bob] = await generated();
  assert.deepEqual(await generated(), [alice, bob]);
  assert.notDeepEqual(alice, bob);
});

Deno.test("what is wrong with the options or the file is said in one line", async () => {
  await using chats = await Chats.create("alice", "bob");
  const dir = await Deno.makeTempDir();
  try {
    const file = `${dir}/peers`;
    const refused = async (code: number, line: string | RegExp, ...args: string[]) =>
      assertRefused(await runToEnd(["chat", ...args]), code, line);
    await refused(2, "mpcomm chat: --peers or --manager is missing", "--name", "a");
    await refused(2, "mpcomm chat: --name is missing", "--peers", file);
    await refused(
      2,
      `mpcomm chat: --peers: ${file}: no such file or folder`,
      ...["--peers", file, "--name", "a"],
    );
    await refused(
      2,
      `mpcomm chat: --name: there is no carol in ${chats.peers}, only alice and bob`,
      ...["--peers", chats.peers, "--name", "carol"],
    );
    for (
      const [text, complaint] of [
        ["alice 127.0.0.1:7001\nbob\n", "2: expected NAME HOST:PORT, found no address"],
        ["alice 127.0.0.1:7001\n\nalice 127.0.0.1:7002\n", "3: alice is already on line 1"],
        ['{"alice": "h:1",\n"alice": "h:2"}', "2: alice is already on line 1"],
        ["alice h:1\nbob h:1\n", "2: h:1 is the address of alice on line 1"],
      ] as const
    ) {
      await Deno.writeTextFile(file, text);
      const line = `mpcomm chat: --peers: ${file}:${complaint}`;
      await refused(2, line, "--peers", file, "--name", "alice");
    }
    const alice = ["--peers", chats.peers, "--name", "alice"];
    await refused(2, /^mpcomm chat: .*--manager/, ...alice, "--manager", "127.0.0.1:1");
    await refused(2, /^mpcomm chat: .*--advertise/, ...alice, "--advertise", "127.0.0.1:1");
    await refused(2, /--generate: expected a rate .*"often"/, ...alice, "--generate", "often");
    await refused(
      1,
      "mpcomm chat: No manager at 127.0.0.1:1 (connection refused)",
      ...["--manager", "127.0.0.1:1", "--name", "a"],
    );
    using taken = new DisposableStack();
    const port = Number(chats.addresses.get("alice")!.split(":")[1]);
    const options = { transport: "udp", hostname: "127.0.0.1", port } as const;
    taken.adopt(Deno.listenDatagram(options), (socket) => socket.close());
    await refused(1, `mpcomm chat: Port ${port} on 127.0.0.1 is already in use`, ...alice);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
