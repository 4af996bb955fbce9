/**
 * The checkers of persistent multicast: a history in which all is well, and one for each thing that
 * may be wrong with it.
 */

import assert from "node:assert/strict";
import { judgePersistent } from "../../../src/checkers/persistent/judge_persistent.ts";
import type { PersistentEvent } from "../../../src/history/persistent_history.ts";

const [A, B] = [0, 1];
const TD_MS = 100;

/** Writes a history. Times are given; numbers count by themselves. */
class Story {
  readonly events: PersistentEvent[] = [];
  #lastSeq = 0;
  #requests = 0;

  change(
    event: "register" | "reconnect" | "disconnect" | "deregister",
    member: number,
    at: number,
  ) {
    const request = `r${++this.#requests}`;
    this.events.push({ event, member, request, lastSeq: this.#lastSeq, at });
    return request;
  }

  store(at: number, change: Partial<Extract<PersistentEvent, { event: "stored" }>> = {}): number {
    const seq = ++this.#lastSeq;
    const request = `m${seq}`;
    this.events.push({
      ...{ event: "stored", seq, sender: A, request, text: `t${seq}`, at, handledAt: at },
      ...change,
    });
    return seq;
  }

  alive(member: number, session: string, at: number): void {
    this.events.push({ event: "alive", member, session, at });
  }

  take(member: number, seq: number): void {
    this.events.push({ event: "taken", member, seq });
  }

  log(member: number, seq: number, change: { text?: string; at?: number } = {}): void {
    const stored = this.events.find((each) => each.event === "stored" && each.seq === seq);
    const { at, text, sender } = stored?.event === "stored"
      ? stored
      : { at: 0, text: "", sender: A };
    this.take(member, seq);
    this.events.push({ event: "logged", member, seq, at, sender, text, ...change });
  }

  judge(isSettled = true): string[] {
    const { events } = this;
    const history = { members: ["A", "B"], tdMs: TD_MS, silenceMs: 30, events, isSettled };
    return judgePersistent(history).map(({ property, witness }) => `${property}: ${witness}`);
  }
}

/** B registers, goes at 10 after nothing, messages are sent at these times, B is back and gets these
 * numbers. */
function away(sentAt: readonly number[], backAt: number, gets: readonly number[]): string[] {
  const story = new Story();
  story.change("register", B, 0);
  story.change("disconnect", B, 10);
  for (const at of sentAt) story.store(at);
  story.change("reconnect", B, backAt);
  for (const seq of gets) story.log(B, seq);
  return story.judge();
}

Deno.test("a story in which all is well", () => {
  const story = new Story();
  story.change("register", A, 0);
  const seq = story.store(5);
  story.events.push({ event: "acknowledged", member: A, request: "m1", seq });
  story.log(A, seq);
  story.change("register", B, 6);
  story.log(A, story.store(7));
  story.log(B, 2);
  assert.deepEqual(story.judge(), []);
});

Deno.test("acknowledged, but not stored; or something else is", () => {
  const story = new Story();
  story.events.push({ event: "acknowledged", member: A, request: "m1", seq: 1 });
  assert.deepEqual(story.judge(), [
    "durable: A was told that its message is stored as number 1, which is not stored",
  ]);
  story.store(5, { request: "other" });
  assert.deepEqual(story.judge(), [
    "durable: A was told that its message is stored as number 1, which is another one",
  ]);
});

Deno.test("in a log, but not stored", () => {
  const story = new Story();
  story.change("register", A, 0);
  story.log(A, 1);
  assert.deepEqual(story.judge(), ["durable: the log of A has message 1 which is not stored"]);
});

Deno.test("a request that is stored twice", () => {
  const story = new Story();
  story.store(5);
  story.store(6, { request: "m1" });
  assert.deepEqual(story.judge(), ["once: message 2 of A is stored as message 1 too"]);
});

Deno.test("a message that is in a log twice, also far apart", () => {
  const story = new Story();
  story.change("register", A, 0);
  for (const at of [1, 2]) story.log(A, story.store(at));
  story.log(A, 1);
  assert.deepEqual(story.judge(), ["once: the log of A has message 1 twice"]);
});

Deno.test("messages out of order, changed, or with another time", () => {
  const swapped = new Story();
  swapped.change("register", A, 0);
  for (const at of [1, 2]) swapped.store(at);
  swapped.log(A, 2);
  swapped.log(A, 1);
  assert.deepEqual(swapped.judge(), ["order: the log of A has message 1 after message 2"]);
  for (const change of [{ text: "x" }, { at: 2 }]) {
    const story = new Story();
    story.change("register", A, 0);
    story.store(1);
    story.log(A, 1, change);
    assert.deepEqual(story.judge(), [
      "order: the log of A has message 1 otherwise than it was stored",
    ]);
  }
});

Deno.test("times that go back, or are not those of the clock; numbers with a gap", () => {
  const back = new Story();
  back.store(5);
  back.store(4);
  assert.match(back.judge()[0]!, /^order: message 2 of A is of time 4, the one before it of 5$/);
  const wrong = new Story();
  wrong.store(5, { handledAt: 6 });
  assert.match(wrong.judge()[0]!, /^order: .* of time 5, but the clock stood at 6$/);
  const gap = new Story();
  gap.store(5, { seq: 2 });
  assert.match(gap.judge()[0]!, /^order: message 2 of A follows message 0$/);
});

Deno.test("who was away for exactly td must get everything", () => {
  assert.deepEqual(away([10, 60], 10 + TD_MS, [1, 2]), []);
  assert.deepEqual(away([10, 60], 10 + TD_MS, [2]), [
    "promised: B is online and never got message 1",
  ]);
});

Deno.test("who was away for a millisecond more must get what is td old, and nothing older", () => {
  const backAt = 10 + TD_MS + 1;
  assert.deepEqual(away([10, 11, 12], backAt, [2, 3]), []);
  assert.deepEqual(away([10, 11, 12], backAt, [1, 2, 3]), [
    "forbidden: B got message 1, which is not for it",
  ]);
  assert.deepEqual(away([10, 11, 12], backAt, [3]), [
    "promised: B is online and never got message 2",
  ]);
});

Deno.test("what was in the log before the absence is neither missing nor forbidden", () => {
  const story = new Story();
  story.change("register", B, 0);
  story.log(B, story.store(1));
  story.change("disconnect", B, 2);
  story.change("reconnect", B, 1000);
  assert.deepEqual(story.judge(), []);
});

Deno.test("nothing from before the registration, nor from after the deregistration", () => {
  const early = new Story();
  early.store(1);
  early.change("register", B, 2);
  early.log(B, 1);
  assert.deepEqual(early.judge(), ["forbidden: B got message 1, which is not for it"]);
  const late = new Story();
  late.change("register", B, 0);
  late.change("deregister", B, 1);
  late.store(2);
  late.change("register", B, 3);
  late.log(B, 1);
  assert.deepEqual(late.judge(), ["forbidden: B got message 1, which is not for it"]);
});

Deno.test("who died counts from the last sign of life of its session", () => {
  for (
    const [aliveAt, own, expected] of [
      [20, true, []],
      [19, true, ["forbidden: B got message 1, which is not for it"]],
      [20, false, ["forbidden: B got message 1, which is not for it"]],
    ] as const
  ) {
    const story = new Story();
    const session = story.change("register", B, 0);
    story.alive(B, own ? session : "another", aliveAt);
    story.store(19);
    story.change("reconnect", B, 20 + TD_MS);
    story.log(B, 1);
    assert.deepEqual(story.judge(), expected);
  }
});

Deno.test("who may have counted as alive when the coordinator came back may get it, or not", () => {
  for (const gets of [true, false]) {
    const story = new Story();
    story.change("register", B, 0);
    story.store(1);
    story.events.push({ event: "restart", at: 80 });
    story.change("reconnect", B, 80 + TD_MS);
    if (gets) story.log(B, 1);
    assert.deepEqual(story.judge(), []);
  }
});

Deno.test("what is missing counts only for who is online, and only if there was time enough", () => {
  const story = new Story();
  story.change("register", B, 0);
  story.store(1);
  assert.deepEqual(story.judge(), ["promised: B is online and never got message 1"]);
  assert.deepEqual(story.judge(false), []);
  story.change("disconnect", B, 2);
  assert.deepEqual(story.judge(), []);
});
