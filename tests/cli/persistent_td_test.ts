import assert from "node:assert/strict";
import { RequestStream } from "../../src/hosts/request_stream.ts";
import type { Reply, Request } from "../../src/protocols/persistent/messages.ts";
import { type LoggedMessage, PersistentGroup, tell, type Wish } from "./persistent_group.ts";

const TD_MS = 2000;

/** When members come back, in milliseconds after td is over. */
const OFFSETS_MS = [-200, -100, -50, -20, -10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10, 20, 50, 100, 200];

/** Something happened between two messages: no later than the second, no earlier than the first. */
interface Bracket {
  readonly before: number;
  readonly after: number;
}

/** A member that was away. */
interface Absence {
  readonly id: string;
  readonly offsetMs: number;
  /** Messages above this number were meant for it when it went. */
  readonly begin: number;
  readonly gone: Bracket;
  readonly back: Bracket;
  /** Messages above this number will come. */
  readonly cursor: number;
}

Deno.test("td - 200 ms, td, td + 200 ms: to the millisecond, on the coordinator's clock", async () => {
  await using group = await PersistentGroup.start(TD_MS / 1000);
  const [watcher, c] = await group.startAll("watcher", "c");
  const stream = new RequestStream(group.address);
  await using _ = { [Symbol.asyncDispose]: () => stream.close() };
  const sender = new Sender(stream);
  const first = await sender.send("first");
  await tell(c!, "disconnect");

  const goes = performance.now();
  const absences = OFFSETS_MS.map(async (offsetMs, i) => {
    await until(goes + 7 * i);
    return await sender.absence(`m${i}`, offsetMs);
  });
  // Something is sent each few milliseconds, so that every limit lies between two messages.
  const pulse = setInterval(() => void sender.send("pulse"), 3);
  const over = await Promise.all(absences).finally(() => clearInterval(pulse));
  const last = await sender.send("last");
  // And a process of its own: c was away for longer than all of them.
  const { after } = await tell(c!, "reconnect");
  const end = await sender.send("end");
  await watcher!.event("message", ({ seq }) => seq === end);
  await group.caughtUp("watcher", "c");

  const log = group.log("watcher");
  assert.deepEqual(log.map(({ seq }) => seq), log.map((_, i) => first + i));
  const verdicts = over.map((absence) => judge(absence, log));
  assert.ok(verdicts.includes("within"), "nobody came back in time");
  assert.ok(verdicts.includes("beyond"), "nobody came back too late");
  const arrival = { before: at(log, last), after: at(log, end) };
  assert.ok(Number(after) >= cut(log, arrival.before), `c gets what is after ${after}`);
  assert.ok(Number(after) <= cut(log, arrival.after), `c gets what is after ${after}`);
  assert.deepEqual(group.log("c").slice(1), log.filter(({ seq }) => seq > Number(after)));
});

/** Sends for the watcher, and lets other members come and go. */
class Sender {
  readonly #stream: RequestStream;
  readonly #prefix = crypto.randomUUID();
  #count = 0;

  constructor(stream: RequestStream) {
    this.#stream = stream;
  }

  /** Returns the message's number. */
  async send(text: string): Promise<number> {
    const payload = new TextEncoder().encode(text);
    return (await this.#ask({ type: "msend", id: "watcher", payload })).seq;
  }

  /** A member registers, goes, and comes back so long after td is over. Nobody is at its address. */
  async absence(id: string, offsetMs: number): Promise<Absence> {
    const address = { host: "127.0.0.1", port: 1 };
    const { seq: begin, request: session } = await this.#ask({
      ...{ type: "register", id, address, takeOver: false },
    });
    const [gone] = await this.#between({ type: "disconnect", id, session });
    await until(performance.now() + TD_MS + offsetMs);
    const [back, cursor] = await this.#between({
      ...{ type: "reconnect", id, address, takeOver: false },
    });
    return { id, offsetMs, begin, gone, back, cursor };
  }

  /** What is sent together is handled together, so the messages around a request tell its time. */
  async #between(wish: Wish): Promise<[Bracket, number]> {
    const [before, reply, after] = await Promise.all([
      this.send("before"),
      this.#ask(wish),
      this.send("after"),
    ]);
    return [{ before, after }, reply.seq];
  }

  async #ask(wish: Wish): Promise<Reply & { readonly type: "ok" }> {
    const request = `${this.#prefix}-${++this.#count}`;
    const reply = await this.#stream.send({ ...wish, request } as Request);
    assert.ok(reply.type === "ok", JSON.stringify(reply));
    return reply;
  }
}

/** Compares what a member was promised with what the rule says about it. */
function judge(
  { id, offsetMs, begin, gone, back, cursor }: Absence,
  log: readonly LoggedMessage[],
): string {
  const awayAtMost = at(log, back.after) - at(log, gone.before);
  const awayAtLeast = at(log, back.before) - at(log, gone.after);
  const story = `${id}, aimed at ${offsetMs}, away for ${awayAtLeast} to ${awayAtMost} ms, has ` +
    `what is above ${cursor}`;
  const everything = cursor === begin;
  const cutOff = cursor >= Math.max(begin, cut(log, at(log, back.before))) &&
    cursor <= Math.max(begin, cut(log, at(log, back.after)));
  if (awayAtMost <= TD_MS) {
    assert.ok(everything, `${story}: it was away for at most td`);
    return "within";
  }
  if (awayAtLeast > TD_MS) {
    assert.ok(cutOff, `${story}: it was away for longer`);
    return "beyond";
  }
  assert.ok(everything || cutOff, story);
  return "between";
}

/** The number above which everything is at most td old at a time. */
function cut(log: readonly LoggedMessage[], arrival: number): number {
  return log.findLast(({ at }) => at < arrival - TD_MS)?.seq ?? log[0]!.seq - 1;
}

function at(log: readonly LoggedMessage[], seq: number): number {
  return log[seq - log[0]!.seq]!.at;
}

/** Waits for a time of the local clock, as closely as it can be had. */
async function until(time: number): Promise<void> {
  for (let rest = time - performance.now(); rest > 0; rest = time - performance.now()) {
    await new Promise((resolve) =>
      rest > 2 ? setTimeout(resolve, rest - 2) : setImmediate(resolve)
    );
  }
}
