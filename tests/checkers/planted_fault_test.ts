import assert from "node:assert/strict";
import { firstBroken, judge, promised } from "../../src/checkers/judge.ts";
import { PROPERTIES, type Property, type Verdict } from "../../src/checkers/verdict.ts";
import type { Run } from "../../src/history/run.ts";
import { cleanDeeds, type Deed, runOf, runOfDeeds } from "./script.ts";
import { assertProof } from "./witness.ts";

const PROCESSES = 4;
const LAST = PROCESSES - 1;

/** Forty messages in total order; each process delivers a little later than it hears. */
function clean(): Deed[][] {
  const senders = Array.from({ length: 40 }, (_, k) => (k * 7 + (k >> 2)) % PROCESSES);
  return cleanDeeds(senders, [0, 2, 1, 3]);
}

/** Changes the deliveries of one process; each position keeps its times. */
function change(deeds: Deed[][], process: number, edit: (log: Deed[]) => Deed[]): void {
  const own = deeds[process]!;
  const places = [...own.keys()].filter((i) => own[i]!.kind === "deliver");
  const edited = edit(places.map((i) => own[i]!));
  const last = own[places.at(-1)!]!;
  places.forEach((place, k) => {
    const { time, at } = own[place]!;
    if (k < edited.length) own[place] = { ...edited[k]!, time, at };
  });
  for (const extra of edited.slice(places.length)) {
    own.push({ ...extra, time: last.time, at: last.at });
  }
  const dropped = new Set(places.slice(edited.length));
  deeds[process] = own.filter((_, i) => !dropped.has(i));
}

/** Takes one delivery of one process away. */
function lose(deeds: Deed[][], process: number, position: number): void {
  const own = deeds[process]!;
  const places = [...own.keys()].filter((i) => own[i]!.kind === "deliver");
  own.splice(places[position]!, 1);
}

/** The broken properties, each with a proof. */
function broken(run: Run): Property[] {
  const { verdicts } = judge(run);
  return PROPERTIES.filter((property) => {
    const { witness } = verdicts[property];
    if (witness !== null) assertProof(run, witness);
    return verdicts[property].outcome === "violated";
  });
}

function sentence(verdict: Verdict): string | undefined {
  return verdict.witness?.sentence ?? verdict.reason ?? undefined;
}

Deno.test("a clean run in total order keeps every property, and every measure of disorder is 0", () => {
  const run = runOfDeeds(clean());
  const { verdicts, measures } = judge(run);
  for (const property of PROPERTIES) assert.equal(verdicts[property].outcome, "holds", property);
  assert.deepEqual(measures, {
    compared: PROCESSES,
    messages: 40,
    rounds: 40,
    roundsOutOfOrder: 0,
    lost: 0,
    duplicated: 0,
    moved: 0,
    inversions: 0,
  });
});

for (const position of [0, 17, 38]) {
  for (let process = 0; process < PROCESSES; process++) {
    Deno.test(`two deliveries swapped at ${position} of process ${process} break total order`, () => {
      const deeds = clean();
      change(deeds, process, (log) => {
        return [
          ...log.slice(0, position),
          log[position + 1]!,
          log[position]!,
          ...log.slice(position + 2),
        ];
      });
      const run = runOfDeeds(deeds);
      const found = broken(run);
      assert.ok(found.includes("total") && found.includes("prefix"), found.join());
      assert.ok(!found.includes("agreement") && !found.includes("integrity"), found.join());
      const { roundsOutOfOrder, inversions, moved, lost } = judge(run).measures;
      // If process 0 is the odd one, the three others have each moved against it.
      const others = process === 0 ? LAST : 1;
      assert.deepEqual([roundsOutOfOrder, inversions, moved, lost], [2, others, others, 0]);
    });

    Deno.test(`a message lost at ${position} of process ${process} breaks agreement, not order`, () => {
      const deeds = clean();
      lose(deeds, process, position);
      const run = runOfDeeds(deeds);
      const found = broken(run);
      assert.ok(found.includes("agreement") && found.includes("prefix"), found.join());
      // Position 38 holds the last message of its sender: no later one shows the gap.
      assert.equal(found.includes("fifo"), position < 38);
      assert.ok(!found.includes("total") && !found.includes("integrity"), found.join());
      const { roundsOutOfOrder, inversions, moved, lost } = judge(run).measures;
      assert.deepEqual([roundsOutOfOrder, inversions, moved, lost], [40 - position, 0, 0, 1]);
    });

    Deno.test(`a message delivered twice at ${position} of process ${process} breaks integrity`, () => {
      const deeds = clean();
      change(deeds, process, (log) => log.toSpliced(position + 1, 0, log[position]!));
      const run = runOfDeeds(deeds);
      assert.deepEqual(broken(run), ["integrity", "prefix"]);
      assert.equal(judge(run).measures.duplicated, 1);
    });
  }
}

Deno.test("only the last process diverges, only in its last two deliveries", () => {
  const deeds = clean();
  change(deeds, LAST, (log) => [...log.slice(0, -2), log.at(-1)!, log.at(-2)!]);
  const { verdicts } = judge(runOfDeeds(deeds));
  assert.match(
    sentence(verdicts.total)!,
    /^process 0 delivered .*, process 3 the other way round$/,
  );
  assert.equal(sentence(verdicts.prefix)!.slice(0, 14), "delivery 39 is");
});

Deno.test("logs of different lengths are a loss, and no disorder", () => {
  const deeds = clean();
  change(deeds, 1, (log) => log.slice(0, 25));
  change(deeds, LAST, (log) => log.slice(0, 39));
  const run = runOfDeeds(deeds);
  const found = broken(run);
  assert.ok(found.includes("agreement"));
  for (const property of ["total", "prefix", "fifo", "causal"] as const) {
    assert.ok(!found.includes(property), property);
  }
  const { rounds, roundsOutOfOrder, lost } = judge(run).measures;
  assert.deepEqual([rounds, roundsOutOfOrder, lost], [40, 15, 16]);
});

Deno.test("an empty log of a process that came to its end breaks agreement", () => {
  const deeds = clean();
  deeds[2] = [];
  assert.ok(broken(runOfDeeds(deeds)).includes("agreement"));
});

Deno.test("the circle p: 1 2, q: 2 3, r: 3 1 passes every pair and is found", () => {
  const run = runOf(["m1 0:1 1:1", "m1 1:1 2:1", "m1 2:1 0:1"].map(words));
  const { verdicts } = judge(run);
  assert.equal(
    sentence(verdicts.total),
    "process 0 delivered 0:1 before 1:1, process 1 delivered 1:1 before 2:1, " +
      "process 2 delivered 2:1 before 0:1",
  );
  assertProof(run, verdicts.total.witness!);
});

Deno.test("a circle is found behind a clean beginning, and in spite of a clean end", () => {
  const run = runOf([
    "m1 m2 3:1 0:1 1:1 0:2 4:1",
    "m1 3:1 1:1 2:1 4:1",
    "m1 3:1 2:1 0:1 4:1",
    "m1 3:1 4:1",
    "m1 3:1 4:1",
  ].map(words));
  const { witness } = judge(run).verdicts.total;
  assert.equal(witness?.processes.length, 6);
  assertProof(run, witness);
});

Deno.test("messages that only wait behind a circle are not part of the witness", () => {
  const run = runOf(["m1 0:1", "m1 1:1 2:1 0:1", "m1 2:1 3:1", "m1 3:1 1:1"].map(words));
  const { witness } = judge(run).verdicts.total;
  assert.ok(!witness!.messages.includes("0:1") && witness!.messages.length === 6);
  assertProof(run, witness!);
});

Deno.test("the witness of an opposite pair reads as promised", () => {
  const run = runOf(["m1 0:1 1:1", "m1 1:1 0:1"].map(words));
  assert.equal(
    sentence(judge(run).verdicts.total),
    "process 0 delivered 0:1 before 1:1, process 1 the other way round",
  );
});

Deno.test("sorting at the end looks ordered, but the clock shows it", () => {
  const deeds = clean();
  // Each process delivers as it hears, and puts its log in order afterwards.
  for (const [process, own] of deeds.entries()) {
    const heard = own.filter(({ kind }) => kind !== "deliver");
    const log = heard.map((deed): Deed => ({ ...deed, kind: "deliver" }));
    const arrival = log.toReversed(); // What arrived last was sorted to the front.
    const sorted = log.map((deed, i) => ({ ...deed, time: arrival[i]!.time }));
    deeds[process] = [...heard, ...sorted];
  }
  const found = broken(runOfDeeds(deeds));
  assert.deepEqual(found, ["clock"]);
});

Deno.test("sorted by sender at the end: total and FIFO order hold, causal order does not", () => {
  const deeds = clean();
  for (const process of deeds.keys()) {
    change(deeds, process, (log) => log.toSorted((a, b) => a.sender - b.sender || a.seq - b.seq));
  }
  const found = broken(runOfDeeds(deeds));
  assert.ok(found.includes("causal"), found.join());
  assert.ok(!found.includes("total") && !found.includes("fifo"), found.join());
});

Deno.test("FIFO tells a gap from a late arrival", () => {
  const late = runOf(["m1 m2 m3 0:1 0:2 0:3", "0:1 0:3 0:2"].map(words));
  const gap = runOf(["m1 m2 m3 0:1 0:2 0:3", "0:1 0:3"].map(words));
  const [lateVerdict, gapVerdict] = [judge(late).verdicts.fifo, judge(gap).verdicts.fifo];
  const earlier = "which process 0 multicast earlier";
  assert.equal(sentence(lateVerdict), `process 1 delivered 0:3 before 0:2, ${earlier}`);
  assert.equal(sentence(gapVerdict), `process 1 delivered 0:3 but never 0:2, ${earlier}`);
  assertProof(late, lateVerdict.witness!);
  assertProof(gap, gapVerdict.witness!);
});

Deno.test("causal order is broken where an answer is delivered before its question", () => {
  const run = runOf(["m1 0:1 1:1", "0:1 m1 1:1", "1:1 0:1"].map(words));
  assert.deepEqual(broken(run), ["causal", "total", "prefix"]);
  assert.equal(
    sentence(judge(run).verdicts.causal),
    "process 2 delivered 1:1 before 0:1, which process 1 had delivered before it multicast 1:1",
  );
});

Deno.test("an answer without its question breaks causal order and no FIFO order", () => {
  const run = runOf(["m1 0:1 1:1", "0:1 m1 1:1", "1:1"].map(words));
  assert.deepEqual(broken(run), ["agreement", "causal", "prefix"]);
});

Deno.test("what a sender multicast before counts as its journal says, even against the numbers", () => {
  const never = judge(runOf(["m2 m1", "0:1"].map(words), [0])).verdicts;
  assert.deepEqual([never.fifo.outcome, never.causal.outcome], ["holds", "violated"]);
  assert.equal(
    sentence(never.causal),
    "process 1 delivered 0:1 but never 0:2, which process 0 had multicast before it multicast 0:1",
  );
  const late = judge(runOf(["m2 m1", "0:1 0:2"].map(words), [0])).verdicts;
  assert.deepEqual([late.fifo.outcome, late.causal.outcome], ["holds", "violated"]);
});

Deno.test("what was received and still held back is no dependency", () => {
  const run = runOf(["m1 0:1 1:1", "r0:1 m1 1:1 0:1", "1:1 0:1"].map(words));
  assert.equal(judge(run).verdicts.causal.outcome, "holds");
});

Deno.test("a message from nowhere breaks integrity, whoever it claims to be from", () => {
  const [known, stranger] = [
    runOf(["m1 0:1", "0:1 0:2"].map(words)),
    runOf(["m1 0:1", "0:1 7:1"].map(words)),
  ];
  assert.equal(
    sentence(judge(known).verdicts.integrity),
    "process 1 delivered 0:2, which process 0 never multicast",
  );
  assert.equal(
    sentence(judge(stranger).verdicts.integrity),
    "process 1 delivered 7:1, but the group has no process 7",
  );
});

Deno.test("a message that its sender delivers before it multicasts it breaks integrity", () => {
  const run = runOf(["m1 0:1 0:2 m2", "0:1 0:2"].map(words));
  assert.deepEqual(broken(run), ["integrity"]);
});

Deno.test("a sender that forgets its own message breaks validity", () => {
  const run = runOf(["m1", "m1 1:1"].map(words));
  assert.deepEqual(broken(run), ["validity", "agreement"]);
  assert.equal(
    sentence(judge(run).verdicts.validity),
    "process 0 multicast 0:1 and never delivered it",
  );
});

Deno.test("a crashed process's delivery binds the others, its silence binds nobody", () => {
  const delivered = runOf(["m1 0:1", "", "r0:1"].map(words), [0]);
  assert.equal(
    sentence(judge(delivered).verdicts.agreement),
    "process 0 delivered 0:1, process 1 never did",
  );
  const silent = judge(runOf([words("m1 0:1"), words("0:1"), null])).verdicts;
  assert.equal(silent.agreement.outcome, "inconclusive");
  assert.equal(silent.agreement.reason, "process 2 left no journal");
  assert.equal(silent.total.outcome, "holds");
});

Deno.test("a missing sender's messages are not said to be invented", () => {
  const { verdicts } = judge(runOf([null, words("0:1"), words("0:1")]));
  for (const property of ["integrity", "validity", "agreement", "causal"] as const) {
    assert.equal(verdicts[property].outcome, "inconclusive", property);
  }
  assert.equal(verdicts.fifo.outcome, "holds");
});

Deno.test("a hole in a damaged journal is not a violation, a late delivery is", () => {
  const damaged = new Set([1]);
  const hole = judge(runOf(["m1 m2 0:1 0:2", "0:2"].map(words)), { damaged }).verdicts;
  const outcomes = PROPERTIES.filter((property) => hole[property].outcome === "violated");
  assert.deepEqual(outcomes, []);
  assert.equal(hole.fifo.outcome, "inconclusive");
  const late = judge(runOf(["m1 m2 0:1 0:2", "0:2 0:1"].map(words)), { damaged }).verdicts;
  assert.equal(late.fifo.outcome, "violated");
});

Deno.test("the clock condition: a clock that is never merged, one that stands still, one that runs back", () => {
  const cases: [string, string[]][] = [
    ["process 1 received 0:1 at time 1, but process 0 multicast it at time 5", [
      "m1@5 d0:1@5",
      "r0:1@1 d0:1@9",
    ]],
    ["process 1 delivered 0:1 at time 4, but process 0 multicast it at time 5", [
      "m1@5 d0:1@5",
      "d0:1@4",
    ]],
    ["process 0 multicast 0:1 at time 5, then multicast 0:2 at time 5", ["m1@5 m2@5"]],
    ["process 0 delivered 0:1 at time 7, then delivered 0:2 at time 6", [
      "m1@1 m2@2 d0:1@7 d0:2@6",
    ]],
  ];
  for (const [expected, scripts] of cases) {
    const run = runOf(scripts);
    const { clock } = judge(run).verdicts;
    assert.equal(sentence(clock), expected);
    assertProof(run, clock.witness!);
  }
});

Deno.test("deliveries do not tick the clock", () => {
  const run = runOf(["m1@1 d0:1@1 m2@2 r1:1@4 d0:2@4 d1:1@4", "r0:1@2 m1@3 d0:1@3 d1:1@3"]);
  assert.equal(judge(run).verdicts.clock.outcome, "holds");
});

Deno.test("without a clock the clock condition is inconclusive", () => {
  assert.equal(
    sentence(judge(runOf(["m1 d0:1"])).verdicts.clock),
    "no journal notes a logical clock",
  );
});

Deno.test("one process alone keeps everything; nobody at all proves nothing", () => {
  for (const script of ["", "m1@1 d0:1@1 m2@2 d0:2@2"]) {
    const { verdicts } = judge(runOf([script]));
    for (const property of promised("lamport")) assert.equal(verdicts[property].outcome, "holds");
  }
  for (const run of [runOf([]), runOf([null, null])]) {
    const { verdicts, measures, latencyMs, deliveredPerSecond } = judge(run);
    for (const property of PROPERTIES) assert.equal(verdicts[property].outcome, "inconclusive");
    assert.equal(measures.rounds, 0);
    assert.deepEqual([latencyMs, deliveredPerSecond], [null, null]);
  }
});

Deno.test("a run without messages keeps all that was promised", () => {
  const { verdicts } = judge(runOf(["", "", ""]));
  for (const property of promised("lamport")) assert.equal(verdicts[property].outcome, "holds");
});

Deno.test("sequence numbers of four billion cost no memory and hide nothing", () => {
  const [first, second] = ["m1 0:1 0:4294967295", "0:1 0:4294967295 4294967295:4294967295"];
  const run = runOf([first, second].map(words));
  const { verdicts } = judge(run);
  for (const property of ["integrity", "agreement", "fifo"] as const) {
    assert.equal(verdicts[property].outcome, "violated", property);
  }
  assert.equal(verdicts.total.outcome, "holds");
});

Deno.test("firstBroken is the first promised property that is violated", () => {
  const judgement = judge(runOf(["m1 0:1 1:1", "m1 1:1 0:1"].map(words)));
  assert.equal(firstBroken(promised("lamport"), judgement)?.property, "total");
  assert.equal(firstBroken(promised("fifo"), judgement), null);
});

Deno.test("an order that does not exist promises nothing and says so", () => {
  assert.throws(() => promised("fastest"), {
    name: "RangeError",
    message: 'There is no order "fastest"; there are none, fifo, causal, lamport, sequencer',
  });
});

/** Shorthand for scripts that hold no receipts: "0:1" is a delivery. */
function words(script: string): string {
  return script.replaceAll(/(?<=^| )(?=\d+:)/g, "d");
}
