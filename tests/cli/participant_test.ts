import assert from "node:assert/strict";
import { freePort } from "../free_ports.ts";
import { addressOf, startManager } from "./group.ts";
import { type ParticipantProcess, PersistentGroup } from "./participants.ts";
import { assertRefused, RunningProcess, runToEnd } from "./processes.ts";

/** Asserts that commands are done, one after the other. */
async function does(participant: ParticipantProcess, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const answer = await participant.do(line);
    assert.equal(answer.event, "ok", JSON.stringify(answer));
  }
}

Deno.test("what one sends stands in the logs of all, and what comes later too", async () => {
  await using group = await PersistentGroup.start();
  const [a, b, c] = ["a", "b", "c"].map((id) => group.participant(id)) as [
    ParticipantProcess,
    ParticipantProcess,
    ParticipantProcess,
  ];
  for (const each of [a, b, c]) await does(each, "register");
  await does(a, "msend first", "disconnect");
  await does(b, "msend second");
  await does(c, "disconnect", "deregister", "register");
  await does(b, "msend third");
  await does(a, `reconnect ${freePort()}`);
  for (const each of [a, b, c]) await each.has("third");
  assert.deepEqual(await group.logged("b"), [
    ["1", "a", "first"],
    ["2", "b", "second"],
    ["3", "b", "third"],
  ]);
  assert.deepEqual(await group.logged("a"), await group.logged("b"));
  assert.deepEqual(await group.logged("c"), await group.logged("b"));
});

Deno.test("all after msend and one space is the message, and none of it a command", async () => {
  await using group = await PersistentGroup.start();
  const a = group.participant("a");
  await does(a, "register");
  const texts = [
    "quit",
    "disconnect",
    "  two blanks before and one after ",
    "",
    "msend msend",
    "a\ttab, a \\ and \\n",
    "# no remark",
    "日本語 🙂",
    "\u001b[31mred\u0000",
    "; deregister",
  ];
  for (const text of texts) await does(a, `msend ${text}`);
  await does(a, "msend");
  await a.process.count("message", texts.length + 1);
  assert.deepEqual(a.texts, [...texts, ""]);
  const logged = (await group.logged("a")).map(([, , text]) => text);
  assert.deepEqual(logged.slice(5), [
    "a\\ttab, a \\\\ and \\\\n",
    "# no remark",
    "日本語 🙂",
    "\\x1b[31mred\\x00",
    "; deregister",
    "",
  ]);
});

Deno.test("a command at the wrong time is answered with why not, and nothing is sent", async () => {
  await using group = await PersistentGroup.start();
  const a = group.participant("a");
  const refuses = async (line: string, reason: RegExp) => {
    const answer = await a.do(line);
    assert.equal(answer.event, "error");
    assert.equal(answer.command, line.split(" ")[0]);
    assert.match(String(answer.reason), reason);
  };
  for (const line of ["msend early", "disconnect", "reconnect", "deregister"]) {
    await refuses(line, /^This log belongs to no member yet: register first$/);
  }
  await does(a, "register");
  await refuses("register", /^a is registered already: deregister first$/);
  await refuses("reconnect", /^a is online already: disconnect first$/);
  await does(a, "disconnect");
  await refuses("disconnect", /^a is offline already$/);
  await refuses("msend late", /^a is offline: reconnect first$/);
  await does(a, "deregister");
  for (const line of ["msend gone", "disconnect", "reconnect", "deregister"]) {
    await refuses(line, /^a is deregistered: register first$/);
  }
  await refuses("register 70000", /whole number from 0 to 65535/);
  await refuses("register 1 2", /only a port may follow/);
  await refuses("deregister now", /takes nothing after it/);
  await refuses("regster", /no command "regster": did you mean register\?/);
  await does(a, "register", "msend hello");
  await a.has("hello");
  assert.deepEqual(a.texts, ["hello"]);
});

Deno.test("a busy port is told of before the coordinator is asked", async () => {
  await using group = await PersistentGroup.start();
  using busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = busy.addr;
  const a = group.participant("a");
  const answer = await a.do(`register ${port}`);
  assert.deepEqual(answer, {
    event: "error",
    command: "register",
    reason: `Port ${port} on 127.0.0.1 is already in use`,
  });
  assert.deepEqual(await group.members(), {});
  await does(a, "register", "disconnect");
  assert.equal((await a.do(`reconnect ${port}`)).event, "error");
  assert.equal((await group.members()).a?.state, "offline");
  await does(a, "reconnect");
});

Deno.test("the port is free after disconnect and deregister, and a new one is used", async () => {
  await using group = await PersistentGroup.start();
  const a = group.participant("a");
  const b = group.participant("b");
  const [first, second] = [freePort(), freePort()];
  await does(b, "register");
  await does(a, `register ${first}`, "disconnect");
  Deno.listen({ hostname: "127.0.0.1", port: first }).close();
  await does(b, "msend missed");
  await does(a, `reconnect ${second}`);
  await a.has("missed");
  assert.equal((await group.members()).a?.address, `127.0.0.1:${second}`);
  await does(a, "deregister");
  Deno.listen({ hostname: "127.0.0.1", port: second }).close();
});

Deno.test("a participant that was killed goes on where its log ends", async () => {
  await using group = await PersistentGroup.start();
  const killed = group.participant("a");
  const b = group.participant("b");
  await does(killed, "register");
  await does(b, "register", "msend one");
  await killed.has("one");
  killed.process.kill("SIGKILL");
  await killed.process.end();
  await does(b, "msend two");
  await Deno.writeTextFile(group.log("a"), "2\t2026-", { append: true });
  const a = group.participant("a");
  const ready = await a.process.event("ready");
  assert.deepEqual([ready.state, ready.logged], ["offline", 1]);
  await a.process.complaint(/a torn last line of 7 bytes was cut off/);
  await does(a, "reconnect");
  await a.has("two");
  await does(a, "msend three");
  await a.has("three");
  assert.deepEqual(await group.logged("a"), [
    ["1", "b", "one"],
    ["2", "b", "two"],
    ["3", "a", "three"],
  ]);
});

Deno.test("a second process of an ID is refused, unless it takes over", async () => {
  await using group = await PersistentGroup.start();
  const first = group.participant("a");
  await does(first, "register");
  const other = [...group.words("a", "other"), "--json"];
  const second = group.run(other);
  const refusal = await second.do("register");
  assert.equal(refusal.event, "error");
  assert.match(String(refusal.reason), /^a is online at 127\.0\.0\.1:\d+ already/);
  await does(first, "msend still here");
  const third = group.run([...group.words("a", "third"), "--json", "--take-over"]);
  await does(third, "register");
  const changed = await first.process.event("changed");
  assert.deepEqual([changed.state, changed.why], ["offline", "replaced"]);
  await first.process.complaint(/another process has taken the place of a/);
  assert.match(String((await first.do("msend not me")).reason), /a is offline: reconnect first/);
  await does(third, "msend me");
  await third.has("me");
  assert.deepEqual(first.texts, ["still here"]);
  const same = await runToEnd(group.words("a", "third"));
  assertRefused(
    same,
    2,
    `mpcomm participant: --log: Cannot use ${group.log("third")}: another process writes to it`,
  );
});

Deno.test("lines of stdin are sent once each, though the coordinator is killed meanwhile", async () => {
  await using group = await PersistentGroup.start();
  const a = group.participant("a");
  await does(a, "register");
  const send = [...group.words("a"), "--json", "--timeout", "60s", "msend", "--stdin"];
  await using sender = RunningProcess.start(send);
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");
  await sender.type(lines(0, 2000));
  await a.process.event("message");
  await group.restart();
  await sender.type(lines(2000, 5000) + "without a line break");
  await sender.closeInput();
  const { code, events } = await sender.end();
  assert.equal(code, 0);
  assert.deepEqual(events, [
    { event: "ok", command: "msend", messages: 5001, first: 1, last: 5001 },
  ]);
  await a.process.count("message", 5001);
  const logged = await group.logged("a");
  assert.deepEqual(
    logged,
    Array.from(
      { length: 5001 },
      (_, i) => [`${i + 1}`, "a", i === 5000 ? "without a line break" : `line ${i}`],
    ),
  );
});

Deno.test("lines of stdin are refused for who isn't online", async () => {
  await using group = await PersistentGroup.start();
  const send = [...group.words("a"), "msend", "--stdin"];
  assertRefused(
    await runToEnd(send, { stdin: "hello\n" }),
    1,
    "mpcomm participant: msend: line 1: a is not registered: register first (0 messages stored)",
  );
  const a = group.participant("a");
  await does(a, "register");
  const { code, stdout } = await runToEnd(send, { stdin: "hello\n" });
  assert.deepEqual([code, stdout], [0, "ok: 1 message stored, numbers 1 to 1\n"]);
  const long = await runToEnd(send, { stdin: `hello\n${"é".repeat(600_000)}\n` });
  assert.equal(long.code, 1);
  assert.match(long.stderr, /line 2: a message has at most 1047552 bytes \(1 message stored/);
});

Deno.test("the longest message arrives, and a longer one is refused", async () => {
  await using group = await PersistentGroup.start();
  const a = group.participant("a");
  await does(a, "register");
  const long = "é".repeat(523_776);
  await does(a, `msend ${long}`);
  await a.has(long);
  const answer = await a.do(`msend ${long}x`);
  assert.deepEqual(answer, {
    event: "error",
    command: "msend",
    reason: "a message has at most 1047552 bytes",
  });
  assert.deepEqual((await group.logged("a")).map(([, , text]) => text), [long]);
});

Deno.test("--exec does commands, and its exit code says whether all could be done", async () => {
  await using group = await PersistentGroup.start();
  const script = "register; msend one\\; two;msend  \\\\\nbogus ; msend three ;quit; msend four";
  const failed = await runToEnd([...group.words("a"), "--json", "--exec", script]);
  assert.equal(failed.code, 1);
  assert.deepEqual(
    failed.events.filter(({ event }) => event === "ok" || event === "error")
      .map(({ event, command }) => [event, command]),
    [
      ["ok", "register"],
      ["ok", "msend"],
      ["ok", "msend"],
      ["error", "bogus"],
      ["ok", "msend"],
      ["ok", "quit"],
    ],
  );
  assert.equal((await group.members()).a?.state, "offline", "quit disconnects");
  const done = await runToEnd([...group.words("a"), "--exec", "reconnect; status; quit"]);
  assert.equal(done.code, 0);
  assert.match(
    done.stdout,
    /^ok: reconnected, listening at .*\n[^]*ok: a is online, [^]*ok: goodb/,
  );
  assert.deepEqual((await group.logged("a")).map(([, , text]) => text), [
    "one; two",
    " \\\\",
    "three ",
  ]);
});

Deno.test("the end of a script ends only who isn't online; a signal disconnects", async () => {
  await using group = await PersistentGroup.start();
  const idle = await runToEnd(group.words("idle"), { stdin: "status\n" });
  assert.equal(idle.code, 0);
  const a = group.participant("a");
  await does(a, "register");
  await a.process.closeInput();
  const send = [...group.words("a"), "msend", "--stdin"];
  assert.equal((await runToEnd(send, { stdin: "is anybody there?\n" })).code, 0);
  await a.has("is anybody there?");
  a.process.kill("SIGTERM");
  assert.equal((await a.process.end()).code, 143);
  assert.equal((await group.members()).a?.state, "offline");
});

Deno.test("without --json, stdout has messages and answers, and stderr what went wrong", async () => {
  await using group = await PersistentGroup.start();
  const a = group.run(group.words("a"));
  await a.process.type("msend early\nregister\nmsend hello\x1b[2J\n");
  await a.process.output(/^1 a: hello\\u001b\[2J$/m);
  await a.process.type("quit\n");
  const { code, stdout, stderr } = await a.process.end();
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(
    lines[0]!,
    /^ok: registered, listening at 127\.0\.0\.1:\d+; messages after 0 will come$/,
  );
  assert.deepEqual(lines.slice(1).sort(), [
    "1 a: hello\\u001b[2J",
    "ok: goodbye",
    "ok: message 1 is stored",
  ]);
  assert.equal(
    stderr,
    "a is not registered: begin with register\n" +
      "mpcomm participant: msend: This log belongs to no member yet: register first\n",
  );
});

Deno.test("a coordinator that isn't there is told of after a while, and so is what is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const words = (address: string) => [
      ...["participant", "--id", "a", "--log", `${folder}/a.log`, "--coordinator", address],
      ...["--timeout", "300ms", "--exec", "register; quit"],
    ];
    const nobody = await runToEnd(words("127.0.0.1:1"));
    assert.equal(nobody.code, 1);
    assert.match(
      nobody.stderr,
      /: warning: No coordinator at 127\.0\.0\.1:1 \(connection refused\); trying again\n.*: register: No coordinator at 127\.0\.0\.1:1 \(connection refused\)\n$/,
    );
    await using manager = startManager();
    const strange = await runToEnd(words(await addressOf(manager)));
    assert.equal(strange.code, 1);
    assert.match(strange.stderr, /register: .*127\.0\.0\.1:\d+/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a config file does what the options do, and what is wrong with it is said", async () => {
  await using group = await PersistentGroup.start();
  const path = `${group.folder}/a.conf`;
  for (const address of [group.address, group.address.replace(":", " \t")]) {
    await Deno.writeTextFile(path, `\uFEFF# a\r\n\r\na\r\n${group.log("a")}\r\n  ${address}\r\n`);
    const { code, stderr } = await runToEnd(["participant", path, "--exec", "status; quit"]);
    assert.deepEqual([code, stderr], [0, "a is not registered: begin with register\n"]);
  }
  const wrong: readonly (readonly [content: string, complaint: string])[] = [
    ["", ":1: expected the participant's ID, found the end of the file"],
    ["a\n", ":2: expected the name of the log file, found the end of the file"],
    ["a\nx.log", ":3: expected the coordinator's HOST PORT, found the end of the file"],
    ["# c\na b\nx.log\nh 1\n", ":2: expected an ID of 1 to 64 characters"],
    ["a\nx.log\nh 0\n", ':3: "h:0" has no port from 1 to 65535 after the host'],
    ["a\nx.log\nlocalhost\n", ':3: "localhost" has no port: expected HOST:PORT'],
    ["a\nx.log\n127.0.0.1 5000 6\n", ":3: "],
    ["a\nx.log\n\nh 1\nmore\n", ":5: expected nothing more"],
  ];
  for (const [content, complaint] of wrong) {
    await Deno.writeTextFile(path, content);
    const ending = await runToEnd(["participant", path]);
    assertRefused(ending, 2, /^mpcomm participant: /);
    assert.ok(ending.stderr.startsWith(`mpcomm participant: ${path}${complaint}`), ending.stderr);
  }
  assertRefused(
    await runToEnd(["participant", `${group.folder}/none.conf`]),
    2,
    `mpcomm participant: ${group.folder}/none.conf: no such file or folder`,
  );
});

Deno.test("options that are missing or don't go together are refused", async () => {
  const id = ["--id", "a"];
  const all = [...id, "--log", "a.log", "--coordinator", "127.0.0.1:1"];
  const refusals: readonly (readonly [args: readonly string[], line: string])[] = [
    [[], "--id is missing (or a config file)"],
    [id, "--log is missing (or a config file)"],
    [all.slice(0, 4), "--coordinator is missing (or a config file)"],
    [["a.conf", "msend"], "msend: needs --stdin"],
    [[...all, "--stdin"], "--stdin: goes with msend, as in msend --stdin"],
    [["a.conf", "--exec", "x", "msend", "--stdin"], "--exec: doesn't go with msend --stdin"],
  ];
  for (const [args, line] of refusals) {
    assertRefused(await runToEnd(["participant", ...args]), 2, `mpcomm participant: ${line}`);
  }
});
