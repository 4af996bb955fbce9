import assert from "node:assert/strict";
import { MAX_RUMOR_BYTES } from "../../../src/protocols/gossip/messages.ts";
import { Random } from "../../../src/protocols/random.ts";
import { VirtualGossip } from "./virtual_gossip.ts";

/** Everybody has these texts, each once. */
function haveAll(network: VirtualGossip, texts: readonly string[]): boolean {
  return network.all((i) => {
    const heard = network.texts(i);
    return heard.length >= texts.length && texts.every((text) => heard.includes(text));
  });
}

function assertOnceEach(network: VirtualGossip): void {
  network.all((i) => {
    const keys = network.heard(i).map(({ origin, run, seq }) => `${origin} ${run} ${seq}`);
    assert.equal(new Set(keys).size, keys.length, `n${i} has heard something twice`);
    return true;
  });
}

/** Loses so many of a hundred messages. */
function lossy(percent: number, seed: number): VirtualGossip["fate"] {
  const random = new Random(seed);
  return () => random.below(100) < percent ? [] : [1 + random.below(20)];
}

Deno.test("a word said anywhere in a chain of six is heard by all, once, with its hops", () => {
  const network = new VirtualGossip({ size: 6 });
  network.joinInChain();
  network.runUntilWhole();
  for (let i = 0; i < 6; i++) network.say(i, `word of ${i}`);
  network.runUntil(() => haveAll(network, [0, 1, 2, 3, 4, 5].map((i) => `word of ${i}`)));
  network.run(60_000);
  assertOnceEach(network);
  network.all((i) => {
    for (const { origin, hops } of network.heard(i)) {
      assert.equal(hops === 0, origin === `n${i}`, "only one's own has come over no hop");
      assert.ok(hops <= 6);
    }
    return true;
  });
});

Deno.test("a word goes on at once, not at the next interval", () => {
  const network = new VirtualGossip({ size: 20, knobs: { intervalMs: 10_000, fanout: 4 } });
  network.joinInChain();
  network.runUntilWhole();
  const before = network.now;
  network.say(3, "now");
  let reached = 0;
  network.runUntil(() => {
    reached = 0;
    network.all((i) => {
      if (network.texts(i).includes("now")) reached++;
      return true;
    });
    return reached >= 12;
  });
  assert.ok(network.now - before < 200);
});

Deno.test("rumors come to rest, and a quiet network says nothing of them", () => {
  const network = new VirtualGossip({ size: 12 });
  network.joinInChain();
  network.runUntilWhole();
  for (let i = 0; i < 12; i++) network.say(i, `${i}`);
  network.run(30_000);
  assert.ok(network.all((i) => network.node(i).status.hot === 0));
  network.sent = [];
  network.run(60_000);
  const types = new Set(network.sent.map(({ type }) => type));
  for (const type of ["push", "offer", "pull", "feedback", "receipt"] as const) {
    assert.ok(!types.has(type), type);
  }
  assert.ok(types.has("ping") && types.has("digest"));
});

for (const mode of ["push", "pull", "push-pull"] as const) {
  for (const reaction of ["feedback", "blind"] as const) {
    for (const stop of ["counter", "coin"] as const) {
      Deno.test(`without anti-entropy, ${mode}, ${reaction} and ${stop} reach nearly everybody`, () => {
        const knobs = { mode, reaction, stop, antiEntropyMs: null };
        const network = new VirtualGossip({ size: 30, knobs, seed: 7 });
        network.joinInChain();
        network.runUntilWhole();
        const texts = Array.from({ length: 10 }, (_, i) => `word ${i}`);
        for (const [i, text] of texts.entries()) network.say(i * 3, text);
        network.run(60_000);
        let heard = 0;
        network.all((i) => {
          heard += network.heard(i).length;
          return true;
        });
        assert.ok(heard >= 0.97 * 300, `${heard} of 300`);
        assert.ok(network.all((i) => network.node(i).status.hot === 0), "they come to rest");
        assertOnceEach(network);
      });
    }
  }
}

Deno.test("whom a rumor has missed has it soon after it has come to rest", () => {
  const knobs = { k: 1, fanout: 2 };
  const late: number[] = [];
  let missed = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const network = new VirtualGossip({ size: 20, knobs, seed });
    network.joinInChain();
    network.runUntilWhole();
    network.run(30_000);
    const before = network.now;
    network.say(0, "word");
    network.runUntil(() => haveAll(network, ["word"]));
    late.push(network.now - before);
    network.all((i) => {
      missed += network.node(i).status.supplied;
      return true;
    });
  }
  assert.ok(missed > 0, "telling alone reaches everybody");
  assert.ok(late.toSorted((a, b) => a - b)[15]! < 4000, late.join(" "));
});

Deno.test("who begins late has everything soon", () => {
  const network = new VirtualGossip({ size: 4, absent: [3] });
  network.joinInChain();
  network.runUntilWhole();
  const texts = Array.from({ length: 1200 }, (_, i) => `word ${i}`);
  for (const [i, text] of texts.entries()) {
    network.say(i % 3, text);
    network.run(10);
  }
  network.run(5000);
  network.start(3);
  network.join(3, 0);
  const before = network.now;
  network.runUntil(() => network.heard(3).length === texts.length);
  assert.ok(network.now - before < 3000, `${network.now - before} ms`);
  assertOnceEach(network);
});

Deno.test("with a fifth of all messages lost, everybody has everything in the end", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const network = new VirtualGossip({ size: 20, seed });
    network.fate = lossy(20, seed);
    network.joinInChain();
    network.runUntilWhole();
    const texts = Array.from({ length: 40 }, (_, i) => `word ${i}`);
    for (const [i, text] of texts.entries()) {
      network.say(i % 20, text);
      network.run(100);
    }
    network.runUntil(() => haveAll(network, texts), 60_000);
    assertOnceEach(network);
  }
});

Deno.test("both sides of a partition have everything soon after it has healed", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const network = new VirtualGossip({ size: 20, seed });
    network.fate = lossy(20, seed);
    network.joinInChain();
    network.runUntilWhole();
    const connected = network.fate;
    network.fate = (from, to, message) =>
      (from < 8) === (to < 8) ? connected(from, to, message) : [];
    const texts = Array.from({ length: 40 }, (_, i) => `word ${i}`);
    for (const [i, text] of texts.entries()) {
      network.say((7 * i) % 20, text);
      network.run(1000);
    }
    assert.ok(network.all((i) => network.up(i).length === (i < 8 ? 7 : 11)), "they know of it");
    network.fate = connected;
    network.runUntil(() => haveAll(network, texts), 15_000);
    network.runUntilWhole();
    assertOnceEach(network);
  }
});

Deno.test("a node that was killed and started again has what was said before", () => {
  const network = new VirtualGossip({ size: 5 });
  network.joinInChain();
  network.runUntilWhole();
  network.say(4, "before");
  network.runUntil(() => haveAll(network, ["before"]));
  network.crash(4);
  network.runUntil(() => network.all((i) => network.up(i).length === 3));
  network.start(4);
  network.join(4, 1);
  network.runUntilWhole();
  network.say(4, "after");
  network.runUntil(() => haveAll(network, ["before", "after"]));
  assertOnceEach(network);
});

Deno.test("thousands of rumors at once get everywhere, and no partner is told all of them again and again", () => {
  const network = new VirtualGossip({ size: 5 });
  network.joinInChain();
  network.runUntilWhole();
  network.sent = [];
  const texts = Array.from({ length: 600 }, (_, i) => `word ${i}`);
  for (const text of texts) network.say(0, text);
  network.runUntil(() => haveAll(network, texts));
  network.run(30_000);
  assertOnceEach(network);
  let told = 0;
  for (const message of network.sent) if (message.type === "push") told += message.rumors.length;
  assert.ok(told < 60 * texts.length, `each ${told / texts.length} times`);
});

Deno.test("a large rumor is offered, and comes once or so to each", () => {
  const network = new VirtualGossip({ size: 10 });
  network.joinInChain();
  network.runUntilWhole();
  network.sent = [];
  const text = "x".repeat(200_000);
  network.say(0, text);
  network.runUntil(() => haveAll(network, [text]));
  network.run(5000);
  const brought = network.sent.filter((message) =>
    (message.type === "push" || message.type === "supply") &&
    message.rumors.some((rumor) => rumor.text === text)
  );
  assert.ok(brought.length < 15, `${brought.length} times`);
});

Deno.test("a rumor may have a MiB of UTF-8, and no more", () => {
  const network = new VirtualGossip({ size: 2 });
  network.joinInChain();
  network.runUntilWhole();
  const most = "é".repeat(MAX_RUMOR_BYTES / 2);
  network.say(0, most);
  assert.throws(() => network.say(0, `${most}x`), RangeError);
  network.runUntil(() => network.texts(1).includes(most));
});

Deno.test("who says something knows from receipts whom it has reached, and how fast", () => {
  const network = new VirtualGossip({ size: 15 });
  network.joinInChain();
  network.runUntilWhole();
  network.say(2, "who has it?");
  network.runUntil(() => haveAll(network, ["who has it?"]));
  network.run(100);
  const { measures: [measure], rumorsSent, messagesSent } = network.node(2).status;
  assert.equal(measure!.others, 14);
  assert.equal(measure!.reached, 14);
  assert.ok(measure!.lastMs! > 0 && measure!.lastHops >= 2);
  assert.ok(rumorsSent >= 3 && messagesSent > rumorsSent);
  assert.deepEqual(network.node(3).status.measures, []);
});

Deno.test("what a node says before it leaves is heard, and all know that it has gone", () => {
  const network = new VirtualGossip({ size: 6 });
  network.joinInChain();
  network.runUntilWhole();
  network.say(5, "goodbye");
  network.leave(5);
  network.runUntil(() => network.hasLeft(5), 5000);
  network.crash(5);
  const before = network.now;
  network.runUntil(() => network.all((i) => network.up(i).length === 4));
  assert.ok(network.now - before < 2000);
  network.runUntil(() => haveAll(network, ["goodbye"]));
});

for (const mode of ["push", "pull", "push-pull"] as const) {
  Deno.test(`${mode}: what was said just before leaving is told until somebody has it`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const network = new VirtualGossip({ size: 5, seed, knobs: { mode, fanout: 1 } });
      network.joinInChain();
      network.runUntilWhole();
      network.fate = lossy(40, seed);
      network.say(4, "goodbye");
      network.leave(4);
      network.runUntil(() => network.hasLeft(4), 5000);
      assert.equal(network.node(4).status.unheard, 0);
      network.crash(4);
      network.fate = () => [1];
      network.runUntil(() => haveAll(network, ["goodbye"]));
    }
  });
}

Deno.test("who says something and leaves before he is in the network waits until he is", () => {
  const network = new VirtualGossip({ size: 3, absent: [2] });
  network.joinInChain();
  network.runUntilWhole();
  network.start(2);
  network.join(2, 0);
  network.say(2, "in passing");
  network.leave(2);
  network.runUntil(() => network.hasLeft(2), 5000);
  network.crash(2);
  network.runUntil(() => haveAll(network, ["in passing"]));
});

Deno.test("who leaves alone doesn't wait, and who is heard by nobody does so for a while", () => {
  const network = new VirtualGossip({ size: 2 });
  network.say(0, "is anybody there?");
  network.leave(0);
  network.runUntil(() => network.hasLeft(0), 100);
  network.crash(0);
  network.join(1, 0);
  network.say(1, "hello?");
  network.leave(1);
  network.runUntil(() => network.hasLeft(1), 3000);
  assert.equal(network.node(1).status.unheard, 1);
});

Deno.test("who leaves where nobody answers doesn't wait for answers", () => {
  const knobs = { reaction: "blind", wantsReceipts: false } as const;
  const network = new VirtualGossip({ size: 3, knobs });
  network.joinInChain();
  network.runUntilWhole();
  network.say(2, "goodbye");
  network.leave(2);
  network.runUntil(() => network.hasLeft(2), 1000);
  network.crash(2);
  network.runUntil(() => haveAll(network, ["goodbye"]));
});

Deno.test("memory is bounded: the oldest rumors are kept no more, and don't come back", () => {
  const network = new VirtualGossip({ size: 3, knobs: { keepRumors: 50 } });
  network.joinInChain();
  network.runUntilWhole();
  for (let i = 0; i < 200; i++) {
    network.say(i % 3, `word ${i}`);
    network.run(300);
  }
  network.run(60_000);
  assert.ok(network.all((i) => network.node(i).rumors.length === 50));
  assert.ok(network.all((i) => network.heard(i).length === 200));
  assertOnceEach(network);
});
