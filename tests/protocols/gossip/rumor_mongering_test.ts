import assert from "node:assert/strict";
import fc from "fast-check";
import type { MongeringOptions } from "../../../src/protocols/gossip/gossip_options.ts";
import { RumorMongering } from "../../../src/protocols/gossip/rumor_mongering.ts";
import { Random } from "../../../src/protocols/random.ts";

const KNOWN = true;
const NEWS = false;

function mongeringOf(
  options: Partial<MongeringOptions>,
  ...rumors: string[]
): RumorMongering<string> {
  const all = { mode: "push", reaction: "feedback", stop: "counter", k: 3, ...options } as const;
  const mongering = new RumorMongering<string>(all, new Random(1));
  for (const rumor of rumors) mongering.learn(rumor);
  return mongering;
}

/** After how many times a rumor stops, on the average of many. */
function meanTimes(options: Partial<MongeringOptions>, happen: "told" | "answered"): number {
  const mongering = mongeringOf(options);
  const rumors = 4000;
  let times = 0;
  for (let i = 0; i < rumors; i++) {
    mongering.learn(`${i}`);
    for (; mongering.isHot(`${i}`); times++) mongering[happen](`${i}`, KNOWN);
  }
  return times / rumors;
}

Deno.test("nothing is hot at first", () => {
  const mongering = mongeringOf({});
  assert.ok(mongering.isIdle);
  assert.deepEqual([...mongering.hot], []);
  assert.ok(!mongering.isHot("a"));
});

Deno.test("what is learnt is hot, in the order in which it was learnt", () => {
  const mongering = mongeringOf({}, "b", "a", "c", "a");
  assert.ok(!mongering.isIdle);
  assert.ok(mongering.isHot("a") && !mongering.isHot("d"));
  assert.deepEqual([...mongering.hot], ["b", "a", "c"]);
});

Deno.test("feedback, counter: k who know it, one after the other, end a rumor", () => {
  const mongering = mongeringOf({ k: 3 }, "a", "b");
  for (let i = 0; i < 2; i++) mongering.answered("a", KNOWN);
  assert.ok(mongering.isHot("a"));
  mongering.answered("a", KNOWN);
  assert.ok(!mongering.isHot("a"));
  assert.deepEqual([...mongering.hot], ["b"], "each rumor counts for itself");
});

Deno.test("feedback, counter: one who didn't know it lets the counting begin anew", () => {
  const mongering = mongeringOf({ k: 2 }, "a");
  for (let i = 0; i < 5; i++) {
    mongering.answered("a", KNOWN);
    mongering.answered("a", NEWS);
  }
  mongering.answered("a", KNOWN);
  assert.ok(mongering.isHot("a"));
  mongering.answered("a", KNOWN);
  assert.ok(mongering.isIdle);
});

Deno.test("feedback: to tell a rumor doesn't end it", () => {
  for (const stop of ["counter", "coin"] as const) {
    const mongering = mongeringOf({ stop, k: 1 }, "a");
    for (let i = 0; i < 100; i++) mongering.told("a");
    assert.ok(mongering.isHot("a"));
  }
});

Deno.test("feedback, coin: who doesn't know a rumor never ends it, who does ends it at once if k is 1", () => {
  const mongering = mongeringOf({ stop: "coin", k: 1 }, "a");
  for (let i = 0; i < 100; i++) mongering.answered("a", NEWS);
  assert.ok(mongering.isHot("a"));
  mongering.answered("a", KNOWN);
  assert.ok(mongering.isIdle);
});

Deno.test("blind, counter: a rumor is told k times, whatever the answers are", () => {
  const mongering = mongeringOf({ reaction: "blind", k: 3 }, "a");
  for (let i = 0; i < 2; i++) {
    mongering.told("a");
    mongering.answered("a", KNOWN);
    mongering.answered("a", NEWS);
  }
  assert.ok(mongering.isHot("a"));
  mongering.told("a");
  assert.ok(mongering.isIdle);
});

Deno.test("coin: a rumor ends after k times on the average, and not always after as many", () => {
  for (const k of [1, 2, 5]) {
    const blind = meanTimes({ reaction: "blind", stop: "coin", k }, "told");
    const feedback = meanTimes({ stop: "coin", k }, "answered");
    // The mean of 4000 such numbers has a standard deviation of less than k/63.
    for (const mean of [blind, feedback]) assert.ok(Math.abs(mean - k) <= k / 15, `${k}: ${mean}`);
    if (k > 1) assert.notEqual(blind, k);
  }
});

Deno.test("what comes about a rumor that isn't hot any more changes nothing", () => {
  for (const reaction of ["feedback", "blind"] as const) {
    const mongering = mongeringOf({ reaction, k: 1 }, "a", "b");
    mongering.forget("a");
    mongering.told("a");
    mongering.answered("a", NEWS);
    mongering.answered("a", KNOWN);
    assert.deepEqual([...mongering.hot], ["b"]);
    mongering.forget("a");
    mongering.forget("b");
    mongering.forget("b");
    assert.ok(mongering.isIdle);
    mongering.answered("b", NEWS);
    assert.ok(mongering.isIdle);
  }
});

Deno.test("a rumor that is learnt again begins from nothing", () => {
  const mongering = mongeringOf({ k: 2 }, "a");
  mongering.answered("a", KNOWN);
  mongering.learn("a");
  mongering.answered("a", KNOWN);
  assert.ok(mongering.isIdle, "while it is hot, nothing is new about it");
  mongering.learn("a");
  mongering.answered("a", KNOWN);
  assert.ok(mongering.isHot("a"));
});

Deno.test("rumors may end while they are gone through, and none is left out for that", () => {
  const mongering = mongeringOf({ reaction: "blind", k: 1 }, "a", "b", "c");
  const told: string[] = [];
  for (const rumor of mongering.hot) {
    told.push(rumor);
    mongering.told(rumor);
  }
  assert.deepEqual(told, ["a", "b", "c"]);
  assert.ok(mongering.isIdle);
});

Deno.test("who never loses interest goes on, by a rule that is exchanged", () => {
  const options = { mode: "push", reaction: "blind", stop: "counter", k: 1 } as const;
  const rules = { losesInterest: false };
  const mongering = new RumorMongering<string>(options, new Random(1), rules);
  mongering.learn("a");
  for (let i = 0; i < 100; i++) mongering.told("a");
  assert.ok(mongering.isHot("a"));
  mongering.forget("a");
  assert.ok(mongering.isIdle);
});

Deno.test("a k that is no whole number from 1 is refused", () => {
  for (const k of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => mongeringOf({ k }), RangeError);
});

Deno.test("whatever happens, a rumor is hot as long as the rule for its stopping says", () => {
  const rumor = fc.constantFrom("a", "b", "c");
  const what = fc.constantFrom("learn", "told", "known", "news", "forget");
  const step = fc.record({ what, rumor });
  const k = fc.integer({ min: 1, max: 4 });
  const reaction = fc.constantFrom("feedback" as const, "blind" as const);
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), k, reaction, (steps, k, reaction) => {
    const mongering = mongeringOf({ k, reaction });
    // The slow way: all that has happened to each hot rumor.
    const hot = new Map<string, string[]>();
    for (const { what, rumor } of steps) {
      if (what === "learn") mongering.learn(rumor);
      else if (what === "told") mongering.told(rumor);
      else if (what === "forget") mongering.forget(rumor);
      else mongering.answered(rumor, what === "known");
      if (what === "learn" && !hot.has(rumor)) hot.set(rumor, []);
      hot.get(rumor)?.push(what);
      if (what === "forget" || isEnough(hot.get(rumor) ?? [], k, reaction)) hot.delete(rumor);
      assert.deepEqual([...mongering.hot], [...hot.keys()]);
      assert.equal(mongering.isIdle, hot.size === 0);
    }
  }));
});

function isEnough(happened: string[], k: number, reaction: "feedback" | "blind"): boolean {
  if (reaction === "blind") return happened.filter((what) => what === "told").length >= k;
  return happened.slice(happened.lastIndexOf("news") + 1).filter((what) => what === "known")
    .length >= k;
}
