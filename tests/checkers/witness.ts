/**
 * Checks that a witness tells the truth: its positions hold its messages, its sentence names them,
 * and together they do break the property.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Run } from "../../src/history/run.ts";
import type { Witness } from "../../src/checkers/verdict.ts";
import { directDependencies, ReferenceRun } from "./reference.ts";

/** Fails unless the witness proves what it says. */
export function assertProof(run: Run, witness: Witness, damaged?: ReadonlySet<number>): void {
  const { processes, positions, messages, sentence } = witness;
  const reference = new ReferenceRun(run, damaged);
  assert.ok(processes.length > 0);
  assert.equal(positions.length, processes.length);
  assert.equal(messages.length, processes.length);
  processes.forEach((process, i) => {
    const log = witness.property === "clock"
      ? reference.deeds.get(process)!.map(({ sender, seq }) => `${sender}:${seq}`)
      : reference.log(process);
    if (positions[i] === -1) assert.ok(!log.includes(messages[i]!), `${sentence}: it did`);
    else assert.equal(log[positions[i]!], messages[i], sentence);
    assert.ok(sentence.includes(messages[i]!), `${sentence} names ${messages[i]}`);
    assert.match(sentence, new RegExp(`process ${process}\\b`));
  });
  assert.ok(!/[.\n]|undefined|NaN/.test(sentence), sentence);
  PROOFS[witness.property](witness, reference);
}

const PROOFS: Record<Witness["property"], (witness: Witness, run: ReferenceRun) => void> = {
  integrity({ processes: [p], positions, messages: [m] }, run) {
    if (positions.length === 2) return assert.notEqual(positions[0], positions[1]);
    if (run.neverMulticast(m!)) return;
    const deeds = run.deeds.get(p!)!;
    const find = (kind: string) =>
      deeds.findIndex((deed) => deed.kind === kind && `${deed.sender}:${deed.seq}` === m);
    assert.ok(find("deliver") < find("multicast"));
  },
  validity({ processes: [p], positions, messages: [m] }, run) {
    assert.deepEqual(positions, [-1]);
    assert.ok(run.complete.has(p!) && run.of(p!, "multicast").includes(m!));
  },
  agreement({ processes, positions, messages }, run) {
    assert.equal(messages[0], messages[1]);
    assert.ok(positions[0]! >= 0 && positions[1] === -1 && run.complete.has(processes[1]!));
  },
  fifo({ processes, positions, messages, sentence }) {
    assert.equal(processes[0], processes[1]);
    const [first, second] = messages.map((m) => m.split(":").map(Number));
    assert.ok(first![0] === second![0] && second![1]! < first![1]!);
    assertLateOrNever(positions, sentence);
  },
  causal({ processes, positions, messages, sentence }, run) {
    assert.equal(processes[0], processes[1]);
    assert.ok(directDependencies(run, messages[0]!).has(messages[1]!));
    assertLateOrNever(positions, sentence);
  },
  total({ processes, positions, messages }) {
    for (let i = 0; i < messages.length; i += 2) {
      assert.equal(processes[i], processes[i + 1]);
      assert.ok(positions[i]! >= 0 && positions[i]! < positions[i + 1]!);
      assert.equal(messages[i + 1], messages[(i + 2) % messages.length]);
    }
    const involved = processes.filter((_, i) => i % 2 === 0);
    assert.equal(new Set(involved).size, involved.length, "each process once");
  },
  prefix({ positions, messages }, run) {
    assert.equal(positions[0], positions[1]);
    assert.notEqual(messages[0], messages[1]);
    assert.ok(run.present.length > 1);
  },
  clock({ processes, positions, sentence }, run) {
    const [a, b] = processes.map((p, i) => run.deeds.get(p)![positions[i]!]!);
    assert.ok(sentence.includes(`time ${a!.time}`) && sentence.includes(`time ${b!.time}`));
    if (sentence.includes(", then ")) {
      assert.ok(processes[0] === processes[1] && positions[0]! < positions[1]!);
      assert.ok(b!.kind === "deliver" ? b!.time < a!.time : b!.time <= a!.time);
    } else {
      assert.equal(b!.kind, "multicast");
      assert.ok(a!.kind === "receive" ? a!.time <= b!.time : a!.time < b!.time);
    }
  },
};

function assertLateOrNever([first, second]: number[], sentence: string): void {
  assert.ok(second === -1 || first! < second!);
  assert.ok(sentence.includes(second === -1 ? " but never " : " before "));
}
