/** The message log in memory, beside a plain list that does the same. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryMessageLog } from "../../../src/protocols/persistent/memory_message_log.ts";
import type { Message } from "../../../src/protocols/persistent/messages.ts";

function message(seq: number, at: number, bytes = 1): Message {
  return { seq, at, sender: "A", payload: new Uint8Array(bytes) };
}

function filled(count: number): MemoryMessageLog {
  const log = new MemoryMessageLog("s");
  for (let seq = 1; seq <= count; seq++) log.append(message(seq, seq * 10, seq), `r${seq}`);
  log.commit();
  return log;
}

const seqs = (messages: readonly Message[]) => messages.map(({ seq }) => seq);

Deno.test("reading is bounded in messages and bytes, but gets at least one", () => {
  const log = filled(10);
  assert.deepEqual(seqs(log.read(0, 3, 1000)), [1, 2, 3]);
  assert.deepEqual(seqs(log.read(4, 100, 12)), [5, 6]);
  assert.deepEqual(seqs(log.read(4, 0, 0)), [5]);
  assert.deepEqual(seqs(log.read(10, 5, 5)), []);
});

Deno.test("the first message since a time, and one more than the last if there is none", () => {
  const log = filled(3);
  assert.deepEqual([0, 10, 11, 30, 31].map((at) => log.firstSince(at)), [1, 1, 2, 3, 4]);
});

Deno.test("a batch that is lost or fails leaves nothing, whatever was in it", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("append" as const), request: fc.nat(5) }),
    fc.record({ type: fc.constant("save" as const), id: fc.nat(2), cursor: fc.nat(9) }),
    fc.record({ type: fc.constant("remove" as const), id: fc.nat(2) }),
    fc.record({ type: fc.constant("prune" as const), upTo: fc.nat(9) }),
    fc.record({ type: fc.constantFrom("commit" as const, "rollBack" as const, "fail" as const) }),
  );
  const view = (log: MemoryMessageLog) => ({
    messages: log.read(0, 1000, 1000),
    last: [log.lastSeq, log.lastAt],
    members: [...log.members()].sort((a, b) => a.id < b.id ? -1 : 1),
    answers: [0, 1, 2, 3, 4, 5].map((request) => log.seqOfRequest(`r${request}`)),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const log = new MemoryMessageLog("s");
    let committed = view(log);
    for (const step of steps) {
      if (step.type === "append") {
        log.append(message(log.lastSeq + 1, log.lastAt + 1), `r${step.request}`);
      } else if (step.type === "save") {
        const address = { host: "h", port: 1 };
        const { id, cursor } = step;
        const rest = { state: "online", session: "x", offlineSince: null } as const;
        log.saveMember({ id: `m${id}`, address, cursor, ...rest });
      } else if (step.type === "remove") log.removeMember(`m${step.id}`);
      else if (step.type === "prune") log.prune(step.upTo, 0);
      else if (step.type === "commit") {
        log.commit();
        committed = view(log);
      } else {
        log.failure = "full";
        if (step.type === "rollBack") log.rollBack();
        else assert.throws(() => log.commit(), /full/);
        log.failure = null;
        assert.deepEqual(view(log), committed);
      }
    }
  }));
});

Deno.test("what is pruned is gone, and the last number and time stay", () => {
  const log = filled(4);
  log.prune(4, 25);
  log.commit();
  assert.deepEqual([log.lastSeq, log.lastAt, log.firstSince(0)], [4, 40, 5]);
  assert.deepEqual([log.seqOfRequest("r2"), log.seqOfRequest("r3")], [undefined, 3]);
});
