/**
 * The checkers of a gossip network: a history in which all is well, one for each thing that may be wrong
 * with it, and plain twins that must agree on random histories.
 */

import assert from "node:assert/strict";
import { checkEverywhere } from "../../../src/checkers/gossip/everywhere.ts";
import { judgeGossip } from "../../../src/checkers/gossip/judge_gossip.ts";
import { checkOnce } from "../../../src/checkers/gossip/once.ts";
import { checkPeers } from "../../../src/checkers/gossip/peers.ts";
import type {
  GossipEvent,
  GossipHistory,
  GossipNodeKnowledge,
  RumorHeard,
  SaidRumor,
  Telling,
} from "../../../src/history/gossip_history.ts";
import { Random } from "../../../src/protocols/random.ts";

const NODES = 3;
const LIMITS = { keepRumors: 100, keepBytes: 100_000, told: 10, toldByAll: 20 };

/** Process `10 + node` is the only one of each node, unless something else is said. */
function runOf(node: number): number {
  return 10 + node;
}

function rumor(origin: number, seq = 1): SaidRumor {
  return { origin, run: runOf(origin), seq };
}

/** Writes a history, in which all is well from time 0 on unless something else is said. */
class Story {
  readonly events: GossipEvent[] = [];
  readonly tellings: Telling[] = [];
  #at = 0;

  /** The user of a node says its next rumor, which the node hears. */
  say(node: number, text = `${node}`, seq = this.#said(node) + 1): this {
    this.#add({ event: "said", node, run: runOf(node), seq, text });
    return this.hear(node, rumor(node, seq), text, "self");
  }

  hear(node: number, heard: SaidRumor, text = `${heard.origin}`, by: RumorHeard["by"] = "rumor") {
    return this.#add({ event: "heard", node, run: runOf(node), rumor: heard, text, by });
  }

  /** A rumor that all hear. */
  tellAll(origin: number, text?: string): this {
    this.say(origin, text);
    const heard = rumor(origin, this.#said(origin));
    for (const node of others(origin)) this.hear(node, heard, text);
    return this;
  }

  peer(node: number, other: number, isUp: boolean): this {
    return this.#add({ event: "peer", node, run: runOf(node), other, isUp });
  }

  tell(node: number, told: SaidRumor, times: number): this {
    this.tellings.push({ node, run: runOf(node), rumor: told, times, lastAt: this.#at });
    return this;
  }

  /** What a node knows in which all is well. */
  knowledge(node: number, change: Partial<GossipNodeKnowledge> = {}): GossipNodeKnowledge {
    const heard = this.events.flatMap((event) =>
      event.event === "heard" && event.node === node ? [event.rumor] : []
    );
    return { run: runOf(node), kept: heard, hot: 0, up: [0, 1, 2], ...change };
  }

  history(change: Partial<GossipHistory> = {}): GossipHistory {
    return {
      ...{ nodes: NODES, events: this.events, tellings: this.tellings },
      ...{ settledAt: 0, stillAt: 900, endAt: 1000, limits: LIMITS },
      knowledge: [0, 1, 2].map((node) => this.knowledge(node)),
      ...change,
    };
  }

  judge(change: Partial<GossipHistory> = {}): string[] {
    return judgeGossip(this.history(change)).map(({ property, witness }) =>
      `${property}: ${witness}`
    );
  }

  #said(node: number): number {
    return this.events.filter((event) => event.event === "said" && event.node === node).length;
  }

  #add(event: GossipEvent extends infer E ? E extends GossipEvent ? Omit<E, "at"> : never : never) {
    this.events.push({ ...event, at: ++this.#at });
    return this;
  }
}

function others(node: number): number[] {
  return [0, 1, 2].filter((other) => other !== node);
}

Deno.test("a story in which all is well", () => {
  const story = new Story().tellAll(0).tellAll(1, "what?").tellAll(0).tell(0, rumor(0), 10);
  assert.deepEqual(story.judge(), []);
});

Deno.test("a rumor is heard twice by one process", () => {
  const story = new Story().tellAll(0).hear(2, rumor(0));
  const knowledge = [0, 1, 2].map((node) => ({ ...story.knowledge(node), kept: [rumor(0)] }));
  assert.deepEqual(story.judge({ knowledge }), [
    "once: node 2 heard rumor 1 of node 0 (process 10) again at 5.000 ms, after it had heard it at " +
    "4.000 ms",
  ]);
});

Deno.test("another process of the node may hear it again", () => {
  const story = new Story().tellAll(0);
  const again: GossipEvent = { ...story.events.at(-1) as RumorHeard, run: 99 };
  story.events.push(again);
  const knowledge = [0, 1, 2].map((node) => ({ ...story.knowledge(node), kept: [rumor(0)] }));
  knowledge[2] = { ...knowledge[2]!, run: 99 };
  assert.deepEqual(story.judge({ knowledge }), []);
});

Deno.test("a rumor is heard that nobody has said, or has said so, or as somebody's own", () => {
  assert.deepEqual(new Story().hear(1, rumor(0)).judge({ settledAt: Infinity }), [
    "intact: node 1 heard rumor 1 of node 0 (process 10) at 1.000 ms, which nobody had said",
  ]);
  const [changed] = new Story().say(0).hear(1, rumor(0), "0!").hear(2, rumor(0)).judge();
  assert.match(changed!, /^intact: node 1 heard rumor 1 of .* with another text than was said$/);
  const [own] = new Story().say(0).hear(1, rumor(0), "0", "self").hear(2, rumor(0)).judge();
  assert.match(own!, /^intact: node 1 heard rumor 1 of node 0 .* as its own$/);
});

Deno.test("a node doesn't hear what its own user says", () => {
  const story = new Story();
  story.events.push({ event: "said", at: 5, node: 1, run: 11, seq: 1, text: "" });
  assert.deepEqual(story.judge(), [
    "intact: node 1 did not hear what its own user said as his rumor 1 at 5.000 ms",
  ]);
});

Deno.test("a list lacks something, has something else, or stands in another order", () => {
  const story = new Story().tellAll(0).tellAll(1);
  const judge = (kept: readonly SaidRumor[]) =>
    story.judge({
      knowledge: [0, 1, 2].map((node) => story.knowledge(node, node === 2 ? { kept } : {})),
    });
  assert.deepEqual(judge([rumor(0), rumor(1)]), []);
  assert.deepEqual(judge([rumor(1)]), [
    "kept: in the end the list of node 2 lacked rumor 1 of node 0 (process 10), though there was room " +
    "for it",
  ]);
  assert.deepEqual(judge([rumor(1), rumor(0)]), [
    "kept: in the end the list of node 2 had rumor 1 of node 1 (process 11) at its place 1, where " +
    "rumor 1 of node 0 (process 10) was to be",
  ]);
  assert.match(judge([rumor(0), rumor(1), rumor(2)])[0]!, /^kept: .* where nothing was to be$/);
});

Deno.test("a list drops the oldest where it is too short, and no others", () => {
  const story = new Story().tellAll(0).tellAll(1).tellAll(2);
  const judge = (kept: readonly SaidRumor[], limits: Partial<typeof LIMITS>) =>
    story.judge({
      limits: { ...LIMITS, ...limits },
      knowledge: [0, 1, 2].map((node) => story.knowledge(node, { kept })),
    });
  assert.deepEqual(judge([rumor(1), rumor(2)], { keepRumors: 2 }), []);
  assert.match(judge([rumor(2)], { keepRumors: 2 })[0]!, /^kept: .* lacked rumor 1 of node 1/);
  assert.match(judge([rumor(0), rumor(1), rumor(2)], { keepRumors: 2 })[0]!, /which is too much$/);
  assert.deepEqual(judge([rumor(2)], { keepBytes: 300 }), []);
  assert.match(judge([rumor(1), rumor(2)], { keepBytes: 3 })[0]!, /had 2 rumors of 4 bytes, which/);
});

Deno.test("a coming is told twice, or a going of who never came, or of oneself", () => {
  const story = new Story().peer(0, 1, true).peer(0, 1, false).peer(0, 1, true).peer(1, 0, true);
  assert.deepEqual(story.judge({ settledAt: 5 }), []);
  assert.deepEqual(story.peer(0, 1, true).judge({ settledAt: 6 }), [
    "peers: node 0 was told at 5.000 ms that node 1 is up, as it was before",
  ]);
  const [never] = new Story().peer(0, 1, false).judge({ settledAt: 6 });
  assert.equal(never, "peers: node 0 was told at 1.000 ms that node 1 is down, as it was before");
  const [itself] = new Story().peer(0, 0, true).judge({ settledAt: 6 });
  assert.equal(itself, "peers: node 0 was told at 1.000 ms that itself is up");
});

Deno.test("somebody comes or goes though all is well, is missing, or is there though gone", () => {
  assert.deepEqual(new Story().peer(0, 1, true).judge(), [
    "members: although all was well since 0.000 ms, node 0 took node 1 for up at 1.000 ms",
  ]);
  const story = new Story();
  const see = (up: readonly number[], last: GossipNodeKnowledge | null = story.knowledge(2)) =>
    story.judge({ knowledge: [story.knowledge(0), story.knowledge(1, { up }), last] });
  assert.deepEqual(see([0, 1]), ["members: in the end node 1 did not see node 2"]);
  assert.deepEqual(see([0, 1, 2], null), [
    "members: in the end node 0 saw node 2, which was not up",
  ]);
});

Deno.test("somebody hasn't heard what is in another one's list, which makes a residue", () => {
  const story = new Story().tellAll(0).say(1).hear(0, rumor(1));
  assert.deepEqual(story.judge(), [
    "everywhere: in the end rumor 1 of node 1 (process 11) was in somebody's list, and node 2 had not " +
    "heard it; of 2 rumors 1 were not everywhere, which is a residue of 25.00 %",
  ]);
  assert.deepEqual(story.judge({ settledAt: Infinity }), []);
});

Deno.test("what is in nobody's list needs to be nowhere", () => {
  const story = new Story().say(1).tellAll(0);
  const knowledge = [0, 1, 2].map((node) => story.knowledge(node, { kept: [rumor(0)] }));
  assert.deepEqual(story.judge({ knowledge, limits: { ...LIMITS, keepRumors: 1 } }), []);
});

Deno.test("somebody still tells, or tells again", () => {
  const story = new Story().tellAll(0);
  const knowledge = [0, 1, 2].map((node) => story.knowledge(node, { hot: node }));
  assert.deepEqual(story.judge({ knowledge, stillAt: Infinity }), [
    "silent: node 1 was still telling 1 rumors in the end, at 1000.000 ms",
  ]);
  story.tell(1, rumor(0), 1);
  assert.deepEqual(story.judge({ stillAt: 4 }), []);
  assert.deepEqual(story.judge({ stillAt: 3 }), [
    "silent: node 1 told rumor 1 of node 0 (process 10) at 4.000 ms, though everybody had everything " +
    "and it was still since 3.000 ms",
  ]);
});

Deno.test("a rumor is told too often by one, or by all", () => {
  assert.deepEqual(new Story().tellAll(0).tell(1, rumor(0), 11).judge(), [
    "bounded: node 1 told rumor 1 of node 0 (process 10) 11 times, and may 10 times",
  ]);
  const story = new Story().tellAll(0);
  for (const node of [0, 1, 2]) story.tell(node, rumor(0), 7);
  assert.deepEqual(story.judge(), [
    "bounded: rumor 1 of node 0 (process 10) was told 21 times by all together, and may be 20 times",
  ]);
  // What was said before all was well may have cost more.
  assert.deepEqual(story.judge({ settledAt: 2 }), []);
});

/** Few nodes and few rumors, so that much of it is wrong. */
function randomHistory(random: Random): GossipHistory {
  const story = new Story();
  for (const node of [0, 1, 2]) if (random.chance(0.2)) story.say(node);
  for (let i = 0; i < 6; i++) {
    const [node, other] = [random.below(3), random.below(3)];
    if (random.chance(0.7)) story.hear(node, rumor(random.chance(0.9) ? 0 : other));
    else story.peer(node, other, random.chance(0.7));
  }
  return story.history();
}

/** Compares each pair of hearings. */
function isOnce({ events }: GossipHistory): boolean {
  const heard = events.filter((event): event is RumorHeard => event.event === "heard");
  return heard.every((one, i) =>
    heard.every((other, j) =>
      i === j || one.run !== other.run || one.rumor.origin !== other.rumor.origin
    )
  );
}

/** Looks at the comings and goings of each pair of nodes alone. */
function doTakeTurns({ events }: GossipHistory): boolean {
  return [0, 1, 2].every((node) =>
    [0, 1, 2].every((other) => {
      const turns = events.flatMap((event) =>
        event.event === "peer" && event.node === node && event.other === other ? [event.isUp] : []
      );
      return turns.every((isUp, i) => isUp === (i % 2 === 0)) &&
        (node !== other || turns.length === 0);
    })
  );
}

/** Looks in each list for what each node has not heard. */
function isEverywhere({ events, knowledge }: GossipHistory): boolean {
  return knowledge.every((known) =>
    known!.kept.every((kept) =>
      [0, 1, 2].every((node) =>
        events.some((event) =>
          event.event === "heard" && event.node === node && event.rumor.origin === kept.origin
        )
      )
    )
  );
}

Deno.test("the checkers agree with plain ones on random histories", () => {
  const random = new Random(1);
  const counts = { once: 0, peers: 0, everywhere: 0 };
  for (let i = 0; i < 10_000; i++) {
    const history = randomHistory(random);
    const sentence = JSON.stringify(history.events);
    assert.equal(checkOnce(history) === null, isOnce(history), sentence);
    assert.equal(checkPeers(history) === null, doTakeTurns(history), sentence);
    assert.equal(checkEverywhere(history) === null, isEverywhere(history), sentence);
    if (checkOnce(history) !== null) counts.once++;
    if (checkPeers(history) !== null) counts.peers++;
    if (checkEverywhere(history) !== null) counts.everywhere++;
  }
  for (const count of Object.values(counts)) {
    assert.ok(count > 500 && count < 9500, JSON.stringify(counts));
  }
});
