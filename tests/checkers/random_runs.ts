/**
 * Random small runs for property tests: clean ones with a few faults, and pure noise.
 *
 * @module
 */

import fc from "fast-check";
import type { Run } from "../../src/history/run.ts";
import { cleanDeeds, type Deed, runOfDeeds } from "./script.ts";

/** A run, and which of its journals are said to be damaged. */
export interface Sample {
  run: Run;
  damaged: Set<number>;
}

const FAULTS = [
  "lose",
  "repeat",
  "swap",
  "forge",
  "forget",
  "misname",
  "stop clock",
  "no clocks",
  "deliveries only",
  "cut",
  "mirror",
] as const;

/** Something that goes wrong in a run. `process` and `place` pick where. */
export interface Fault {
  kind: typeof FAULTS[number];
  process: number;
  place: number;
}

const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...FAULTS), process: fc.nat(3), place: fc.nat(30) }),
  { maxLength: 3 },
);

/** Makes one thing go wrong; does nothing where there is nothing to break. */
export function plant(deeds: Deed[][], { kind, process, place }: Fault): void {
  const own = deeds[process % deeds.length]!;
  const deliveries = [...own.keys()].filter((i) => own[i]!.kind === "deliver");
  if (kind === "no clocks") {
    for (const deed of deeds.flat()) deed.time = NaN;
    return;
  }
  if (kind === "deliveries only") {
    deeds.forEach((all, i) => deeds[i] = all.filter((deed) => deed.kind === "deliver"));
    return;
  }
  if (deliveries.length === 0) return;
  const i = deliveries[place % deliveries.length]!;
  const next = deliveries[(place + 1) % deliveries.length]!;
  const deed = own[i]!;
  switch (kind) {
    case "lose":
      return void own.splice(i, 1);
    case "repeat":
      return void own.splice(next, 0, { ...deed, time: own[next]!.time });
    case "swap": // The messages change places; each position keeps its time.
      [own[i], own[next]] = [
        { ...own[next]!, time: deed.time, at: deed.at },
        { ...deed, time: own[next]!.time, at: own[next]!.at },
      ];
      return;
    case "forge":
      return void own.splice(i, 0, { ...deed, sender: place % 6, seq: 1 + place % 9 });
    case "forget": { // A multicast is missing from the log.
      const multicast = own.findIndex((other) => other.kind === "multicast");
      if (multicast >= 0) own.splice(multicast, 1);
      return;
    }
    case "misname":
      return void (own[i] = { ...deed, seq: 97 - place % 3 });
    case "stop clock":
      return void (own[place % own.length]!.time = 1);
    case "cut":
      return void own.splice(i);
    case "mirror": { // Everything is delivered in the opposite order.
      const messages = deliveries.map((j) => own[j]!).reverse();
      deliveries.forEach((j, k) => own[j] = { ...messages[k]!, time: own[j]!.time });
      return;
    }
  }
}

const broken: fc.Arbitrary<Deed[][]> = fc.integer({ min: 1, max: 4 }).chain((processes) =>
  fc.tuple(
    fc.array(fc.nat(processes - 1), { maxLength: 8 }),
    fc.array(fc.nat(3), { minLength: processes, maxLength: processes }),
    faults,
  )
).map(([senders, lags, faults]) => {
  const deeds = cleanDeeds(senders, lags);
  for (const fault of faults) plant(deeds, fault);
  return deeds;
});

const time = fc.oneof(fc.constant(NaN), fc.nat(6));

const noise: fc.Arbitrary<Deed[][]> = fc.array(
  fc.array(
    fc.record({
      kind: fc.constantFrom("multicast", "receive", "deliver", "deliver"),
      sender: fc.nat(4),
      seq: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) }, {
        weight: 1,
        arbitrary: fc.constantFrom(0, 90),
      }),
      time,
      at: time,
    }),
    { maxLength: 7 },
  ),
  { minLength: 1, maxLength: 4 },
).map((deeds) =>
  deeds.map((own, process) =>
    own.map((deed) => (deed.kind === "multicast" ? { ...deed, sender: process } : deed) as Deed)
  )
);

/** Deliveries of a few messages in any order, without multicasts: for the orders. */
const shuffles: fc.Arbitrary<Deed[][]> = fc.array(
  fc.shuffledSubarray([1, 2, 3], { minLength: 2, maxLength: 2 }),
  { minLength: 3, maxLength: 4 },
).map((logs) =>
  logs.map((seqs) =>
    seqs.map((sender): Deed => ({ kind: "deliver", sender, seq: 1, time: NaN, at: NaN }))
  )
);

const anywhere = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(3), { maxLength: 2 }) },
);

/** Runs of all kinds, with journals missing, incomplete and damaged. */
export const samples: fc.Arbitrary<Sample> = fc.record({
  deeds: fc.oneof({ weight: 3, arbitrary: broken }, noise, shuffles),
  missing: anywhere,
  incomplete: anywhere,
  damaged: anywhere,
}).map(({ deeds, missing, incomplete, damaged }) => {
  const logs = deeds.map((own, process) => missing.includes(process) ? null : own);
  return { run: runOfDeeds(logs, incomplete), damaged: new Set(damaged) };
});

/** A sample as a counterexample should be printed. */
export function describeSample({ run, damaged }: Sample): string {
  const lines = [
    `${run.processes} processes, incomplete ${[...run.incomplete]}, ` +
    `damaged ${[...damaged]}`,
  ];
  for (const [process, journal] of run.journals) {
    const words = Array.from(
      { length: journal.length },
      (_, i) =>
        `${journal.kindAt(i)[0]}${journal.senderAt(i)}:${journal.seqAt(i)}@${journal.timeAt(i)}`,
    );
    lines.push(`${process}: ${words.join(" ")}`);
  }
  return lines.join("\n");
}
