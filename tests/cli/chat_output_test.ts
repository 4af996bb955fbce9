import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { ChatOutput } from "../../src/cli/chat_output.ts";
import { colorByName } from "../../src/cli/name_colors.ts";
import { Terminal, type TerminalOptions } from "../../src/cli/terminal.ts";
import type { ChatEvent } from "../../src/hosts/chat_host.ts";
import { FakeStreams } from "./fake_streams.ts";

const EVENTS: readonly ChatEvent[] = [
  { type: "listening", address: { host: "::1", port: 7001 } },
  { type: "waiting", names: ["bob"] },
  { type: "waiting", names: [] },
  { type: "view", number: 1, members: ["alice", "bob"], joined: [], left: [] },
  { type: "deliver", sender: "bob", seq: 1, text: "hi\n\x1b[2J" },
  { type: "view", number: 2, members: ["alice", "bob", "carol"], joined: ["carol"], left: [] },
  { type: "silent", name: "bob" },
  { type: "blocked", names: ["bob"] },
  { type: "heard", name: "bob" },
  { type: "blocked", names: [] },
  { type: "view", number: 3, members: ["alice"], joined: [], left: ["bob", "carol"] },
  { type: "warning", reason: "something\nodd" },
];

const NOTICES = [
  "alice receives at [::1]:7001 (UDP)",
  "Waiting for bob",
  "You are in the chat with bob; /help lists the commands",
  "carol has joined",
  "No sign of life from bob for some seconds",
  "Lines wait for bob: all must have them",
  "bob is back",
  "Lines go on",
  "bob and carol have left",
];

/** What is printed of all these events. */
function printed(options: Partial<TerminalOptions>, streams = new FakeStreams()): FakeStreams {
  const terminal = new Terminal({ command: "mpcomm chat", streams, ...options });
  using output = new ChatOutput(terminal, "alice", terminal.interactive);
  for (const event of EVENTS) output.report(event);
  return streams;
}

Deno.test("without a terminal stdout has the lines, and stderr the notices", () => {
  const { out, err } = printed({});
  assert.equal(out, "bob: hi\\n\\u001b[2J\n");
  assert.equal(err, [...NOTICES, "mpcomm chat: warning: something odd", ""].join("\n"));
});

Deno.test("with --quiet the lines and what is wrong are left", () => {
  const { out, err } = printed({ quiet: true });
  assert.equal(out, "bob: hi\\n\\u001b[2J\n");
  assert.equal(err, "mpcomm chat: warning: something odd\n");
});

Deno.test("with --json every event is an object on stdout, and people read stderr", () => {
  const { out, err } = printed({ json: true });
  assert.deepEqual(out.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { event: "listening", address: "[::1]:7001" },
    { event: "waiting", for: ["bob"] },
    { event: "waiting", for: [] },
    { event: "view", number: 1, members: ["alice", "bob"], joined: [], left: [] },
    { event: "deliver", sender: "bob", seq: 1, text: "hi\n\x1b[2J" },
    { event: "view", number: 2, members: ["alice", "bob", "carol"], joined: ["carol"], left: [] },
    { event: "silent", name: "bob" },
    { event: "blocked", for: ["bob"] },
    { event: "heard", name: "bob" },
    { event: "blocked", for: [] },
    { event: "view", number: 3, members: ["alice"], joined: [], left: ["bob", "carol"] },
    { event: "warning", reason: "something\nodd" },
  ]);
  assert.match(
    err,
    /^alice receives .*\nWaiting for bob\nYou are .*\nbob: hi\\n\\u001b\[2J\ncarol has joined\n/,
  );
  assert.equal(printed({ json: true, quiet: true }).err, "mpcomm chat: warning: something odd\n");
});

Deno.test("on a terminal there are times, and colors unless they aren't wanted", () => {
  const all = ["stdin", "stdout", "stderr"] as const;
  const colored = printed({}, new FakeStreams(all)).screen;
  assert.ok(colored.includes(`${colorByName("bob:", "bob")} hi\\n\\u001b[2J\n`), colored);
  const plain = printed({ color: false }, new FakeStreams(all)).screen;
  const untimed = (text: string) => text.replaceAll(/\d\d:\d\d:\d\d/g, "HH:MM:SS");
  assert.equal(untimed(plain), untimed(stripVTControlCharacters(colored)));
  const lines = plain.trimEnd().split("\n");
  for (const line of lines) assert.match(line, /^\d\d:\d\d:\d\d /);
  assert.deepEqual(lines.map((line) => line.slice(9)), [
    ...NOTICES.slice(0, 3).map((notice) => `* ${notice}`),
    "bob: hi\\n\\u001b[2J",
    ...NOTICES.slice(3).map((notice) => `* ${notice}`),
    "! something\\nodd",
  ]);
});

Deno.test("long lines of others are broken between words on a terminal only", () => {
  const text = "word ".repeat(30).trimEnd();
  const line = { type: "deliver", sender: "bob", seq: 1, text } as const;
  const all = ["stdin", "stdout", "stderr"] as const;
  for (const color of [true, false]) {
    const streams = new FakeStreams(all);
    const terminal = new Terminal({ command: "mpcomm chat", streams, color });
    using output = new ChatOutput(terminal, "alice", true);
    output.report(line);
    const rows = stripVTControlCharacters(streams.screen).trimEnd().split("\n");
    assert.equal(rows.length, 3);
    for (const row of rows) assert.ok(row.length <= 80);
    assert.match(rows[0]!, /^\d\d:\d\d:\d\d bob: word word /);
    assert.match(rows[1]!, /^ {9}word/);
  }
  const piped = new FakeStreams();
  using output = new ChatOutput(new Terminal({ command: "m", streams: piped }), "alice", false);
  output.report(line);
  assert.equal(piped.out, `bob: ${text}\n`);
});

Deno.test("who is waited for is told at once, and then not more than once a second", async () => {
  const streams = new FakeStreams();
  using output = new ChatOutput(new Terminal({ command: "m", streams }), "alice", false);
  const names = Array.from({ length: 50 }, (_, i) => `p${i}`);
  for (let missing = 50; missing > 0; missing--) {
    output.report({ type: "waiting", names: names.slice(0, missing) });
  }
  assert.match(streams.err, /^Waiting for p0, .* and 42 others\n$/);
  await streams.until(() => streams.err.split("\n").length >= 3);
  assert.match(streams.err, /^Waiting for p0, .* and 42 others\nWaiting for p0\n$/);
  output.report({ type: "waiting", names: ["p0", "p1"] });
  output.report({ type: "view", number: 1, members: ["alice"], joined: [], left: [] });
  assert.match(streams.err, /\nWaiting for p0\nYou are in the chat, alone so far; .*\n$/);
});

Deno.test("what one asks for is on the screen with --quiet too", () => {
  const streams = new FakeStreams(["stdin", "stdout", "stderr"]);
  const terminal = new Terminal({ command: "m", quiet: true, color: false, streams });
  using output = new ChatOutput(terminal, "ada", true);
  output.notice("nobody asked");
  output.who([{ name: "ada", state: "here", self: true }, {
    name: "ben",
    state: "left",
    self: false,
  }]);
  output.help();
  assert.match(streams.out, /ada \(you\), ben \(has left\)/);
  assert.match(streams.out, /\/quit/);
  assert.doesNotMatch(streams.out, /nobody asked/);
});

Deno.test("who says goodbye before the chat has begun isn't told afterwards that it has", () => {
  const streams = new FakeStreams();
  using output = new ChatOutput(new Terminal({ command: "m", streams }), "ada", false);
  output.goodbye();
  output.report({ type: "view", number: 1, members: ["ada", "ben"], joined: [], left: [] });
  assert.equal(streams.err, "Saying goodbye\n");
});
