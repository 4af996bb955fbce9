import assert from "node:assert/strict";
import { ChatGenerator } from "../../src/cli/chat_generator.ts";
import { ChatOutput } from "../../src/cli/chat_output.ts";
import { ChatSession } from "../../src/cli/chat_session.ts";
import { LINE_LENGTH_MAX } from "../../src/cli/line_reader.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import type { ChatPresence } from "../../src/hosts/chat_host.ts";
import { Random } from "../../src/protocols/random.ts";
import { VirtualClock } from "../hosts/virtual_clock.ts";
import { FakeStreams } from "./fake_streams.ts";

const NEVER = new AbortController().signal;

/** A session with a chat that takes so many lines. */
class Stage {
  readonly streams = new FakeStreams();
  readonly clock = new VirtualClock();
  readonly said: string[] = [];
  room = Infinity;
  readonly session: ChatSession;

  constructor(generatePerSecond = 0, quiet = true) {
    const terminal = new Terminal({ command: "m", json: true, quiet, streams: this.streams });
    this.session = new ChatSession({
      self: "alice",
      output: new ChatOutput(terminal, "alice", false),
      generatePerSecond,
      createGenerator: (say) => new ChatGenerator(new Random(1), say, this.clock),
    });
  }

  /** Gives the session its chat, which has begun. */
  begin(): void {
    this.session.enter(this);
    this.session.follow({ type: "view", number: 1, members: ["alice"], joined: [], left: [] });
  }

  say(text: string): void {
    if (this.room === 0) throw new RangeError("Too many lines wait");
    this.room--;
    this.said.push(text);
  }

  get who(): readonly ChatPresence[] {
    return [{ name: "alice", state: "here", self: true }];
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }

  /** The events printed, but for those of the chat itself. */
  get events(): unknown[] {
    const lines = this.streams.out.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line)).filter(({ event }) => event !== "view");
  }
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  return await Promise.race([promise, Promise.resolve(pending)]) !== pending;
}

Deno.test("text is said, and commands are done", async () => {
  const stage = new Stage();
  stage.begin();
  for (const line of ["hello", "", "//quit", "/who", "/nope"]) stage.session.type(line);
  assert.deepEqual(stage.said, ["hello", "/quit"]);
  assert.deepEqual(stage.events, [
    { event: "who", members: [{ name: "alice", state: "here", self: true }] },
  ]);
  assert.match(stage.streams.err, /^m: warning: no command "\/nope" \(.*\); not sent\n$/);
  assert.ok(!await isSettled(stage.session.quit));
  stage.session.type("/quit");
  assert.ok(await isSettled(stage.session.quit));
  stage.session.type("too late");
  assert.equal(stage.said.length, 2);
});

Deno.test("lines are generated once the chat has begun, and between /start and /stop", () => {
  const stage = new Stage(10);
  stage.session.enter(stage);
  stage.session.follow({ type: "waiting", names: ["bob"] });
  stage.clock.pass(10_000);
  assert.deepEqual(stage.said, []);
  stage.begin();
  stage.clock.pass(10_000);
  const first = stage.said.length;
  assert.ok(first > 50, `${first} lines`);
  stage.session.type("/stop");
  stage.begin(); // The next view changes nothing.
  stage.clock.pass(10_000);
  assert.equal(stage.said.length, first);
  stage.session.type("/start");
  stage.clock.pass(10_000);
  assert.ok(stage.said.length > first + 50);
  stage.session.type("/quit");
  const last = stage.said.length;
  stage.clock.pass(10_000);
  assert.equal(stage.said.length, last);
  assert.deepEqual(stage.events, [
    { event: "waiting", for: ["bob"] },
    { event: "generating", perSecond: 0 },
    { event: "generating", perSecond: 10 },
  ]);
});

Deno.test("/start without a rate on the command line generates one line a second", () => {
  const stage = new Stage();
  stage.begin();
  stage.clock.pass(10_000);
  assert.equal(stage.said.length, 0);
  stage.session.type("/start");
  stage.clock.pass(1_000_000);
  assert.ok(Math.abs(stage.said.length - 1000) < 5 * 32, `${stage.said.length} lines`);
  assert.deepEqual(stage.events, [{ event: "generating", perSecond: 1 }]);
});

Deno.test("without room a person's line is refused, and a script's waits", async () => {
  const stage = new Stage();
  stage.begin();
  stage.room = 1;
  stage.session.type("one");
  stage.session.type("two");
  assert.equal(
    stage.streams.err,
    "m: warning: too many lines wait for the others already; not sent\n",
  );
  const fed = stage.session.feed("three", NEVER);
  assert.ok(!await isSettled(fed));
  stage.room = 5;
  await fed;
  await stage.session.feed("four", NEVER);
  assert.deepEqual(stage.said, ["one", "three", "four"]);
});

Deno.test("a script's line waits for a chat, and no longer than there is one to wait for", async () => {
  const stage = new Stage();
  const early = stage.session.feed("early", NEVER);
  assert.ok(!await isSettled(early));
  stage.begin();
  await early;
  assert.deepEqual(stage.said, ["early"]);
  stage.room = 0;
  const stop = new AbortController();
  const stopped = stage.session.feed("never", stop.signal);
  stop.abort();
  await stopped;
  const quit = stage.session.feed("never", NEVER);
  stage.session.end();
  await quit;
  assert.deepEqual(stage.said, ["early"]);
});

Deno.test("a script's /quit waits for the chat to begin if there is something to say", async () => {
  const stage = new Stage();
  stage.session.enter(stage);
  await stage.session.feed("hello", NEVER);
  assert.equal(stage.session.underWay, 1);
  const quit = stage.session.feed("/quit", NEVER);
  assert.ok(!await isSettled(stage.session.quit));
  stage.begin();
  await quit;
  assert.ok(await isSettled(stage.session.quit));

  const silent = new Stage();
  silent.session.enter(silent);
  await silent.session.feed("/quit", NEVER);
  assert.ok(await isSettled(silent.session.quit));
});

Deno.test("a person hears that what is said early has to wait, and quits at once", async () => {
  const stage = new Stage(0, false);
  stage.session.enter(stage);
  for (const line of ["hello", "/who"]) stage.session.type(line);
  assert.equal(
    stage.streams.err,
    "The line will be sent when the chat begins\nalice (you)\n",
  );
  stage.session.type("/quit");
  assert.ok(await isSettled(stage.session.quit));
  assert.equal(stage.session.underWay, 1);
});

Deno.test("own lines are under way until they are delivered", () => {
  const stage = new Stage();
  stage.begin();
  for (const line of ["one", "two"]) stage.session.type(line);
  stage.session.follow({ type: "deliver", sender: "bob", seq: 1, text: "one" });
  assert.equal(stage.session.underWay, 2);
  stage.session.follow({ type: "deliver", sender: "alice", seq: 1, text: "one" });
  stage.session.follow({ type: "deliver", sender: "alice", seq: 2, text: "two" });
  assert.equal(stage.session.underWay, 0);
});

Deno.test("a line that is too long is refused as a whole", () => {
  const stage = new Stage();
  stage.begin();
  const longest = "é".repeat(65_536 / 2);
  const slashed = `/${"x".repeat(65_535)}`;
  const said = [longest, "x".repeat(65_536), slashed];
  for (const line of [longest, "x".repeat(65_536), `/${slashed}`]) stage.session.type(line);
  assert.deepEqual(stage.said, said);
  // A line reader would have cut the second one.
  for (const line of [`${longest}x`, "x".repeat(LINE_LENGTH_MAX)]) stage.session.type(line);
  assert.equal(stage.said.length, said.length);
  assert.equal(
    stage.streams.err,
    "m: warning: a line has at most 65536 bytes; not sent\n".repeat(2),
  );
});
