import assert from "node:assert/strict";
import { judge, promised } from "../../src/checkers/judge.ts";
import type { Millis, ProcessId } from "../../src/protocols/process.ts";
import { Random } from "../../src/protocols/random.ts";
import { faulty, runOf, VirtualGroup } from "../protocols/virtual_group.ts";
import { NaiveClient, type NaiveClientOptions } from "./naive_client.ts";

/** The run of a virtual group. */
const RUN = 77;
const MESSAGES = 20;

/** A group of which one process is a client that knows only the page. */
class MixedGroup {
  readonly group: VirtualGroup;
  readonly client: NaiveClient;
  readonly #self: ProcessId;
  #inbox: { at: Millis; bytes: Uint8Array }[] = [];

  /** @param self The client's number. */
  constructor(order: NaiveClientOptions["order"], self: ProcessId, seed: number, loss: number) {
    this.#self = self;
    const fate = faulty(seed, { delayMs: [1, 60], loss, duplicate: loss });
    this.group = new VirtualGroup({
      size: 3,
      order,
      fate: (from, to, now, bytes) => {
        const delays = fate(from, to, now, bytes);
        if (to !== self) return delays;
        for (const delay of delays) this.#inbox.push({ at: now + delay, bytes });
        return [];
      },
    });
    this.client = new NaiveClient({
      order,
      run: RUN,
      self,
      size: 3,
      send: (to, bytes) => this.group.transmit(self, to, bytes),
      deliver: (message) => {
        const [, sender, seq] = message.match(/^(\d):message (\d+) of \1$/)!;
        place.journal.deliver(Number(sender), Number(seq), NaN, this.group.now);
      },
    });
    const place = this.group.members[self]!;
    place.paused = true; // The client is there in its place.
  }

  /** Lets all multicast and stop; returns whether all come to the end. */
  run(seed: number): boolean {
    const random = new Random([seed, 5]);
    const left = [MESSAGES, MESSAGES, MESSAGES];
    const nextAt = [0, 0, 0];
    return this.group.runUntil(() => {
      const { now } = this.group;
      this.#serveClient(now);
      for (const [p, member] of this.group.members.entries()) {
        const self = p === this.#self ? this.client : member.process;
        member.wakeAt = Infinity;
        if (self.ready && left[p]! >= 0) {
          member.wakeAt = nextAt[p]!;
          if (now < nextAt[p]!) continue;
          nextAt[p] = member.wakeAt = now + random.between(1, 20);
          this.#act(p, left[p]!--);
        }
      }
      const client = this.group.members[this.#self]!;
      const arrival = Math.min(...this.#inbox.map(({ at }) => at));
      client.wakeAt = Math.min(client.wakeAt, arrival, Math.max(this.client.deadline, now + 0.1));
      return this.client.complete &&
        this.group.members.every(({ process }, p) => p === this.#self || process.complete);
    }, 120_000);
  }

  /** Process p multicasts one of the messages that are left, or its stop marker. */
  #act(p: ProcessId, left: number): void {
    const message = `message ${MESSAGES - left + 1} of ${p}`;
    const { process, journal } = this.group.members[p]!;
    if (p === this.#self) {
      if (left > 0) {
        journal.multicast(MESSAGES - left + 1, NaN, this.group.now, message.length);
        this.client.multicast(message);
      } else this.client.stop(MESSAGES);
    } else if (left > 0) {
      process.multicast(new TextEncoder().encode(message), this.group.now);
    } else {
      process.stop(this.group.now);
    }
  }

  #serveClient(now: Millis): void {
    const due = this.#inbox.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#inbox = this.#inbox.filter(({ at }) => at > now);
    for (const { bytes } of due) this.client.receive(bytes, now);
    this.client.tick(now);
  }
}

/** Each order, with the client as any process, and as the one that has more to do than the others. */
const PARTS: readonly (readonly [order: NaiveClientOptions["order"], self: ProcessId])[] = [
  ["lamport", 2],
  ["fifo", 2],
  ["causal", 2],
  ["sequencer", 2],
  ["sequencer", 0],
];

for (const [order, self] of PARTS) {
  for (const loss of [0, 0.25]) {
    const part = `takes part in ${order} as process ${self}, with ${100 * loss} % loss`;
    Deno.test(`a client written from docs/PROTOCOL.md alone ${part}`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const mixed = new MixedGroup(order, self, seed, loss);
        assert.ok(mixed.run(seed), `seed ${seed} comes to the end`);
        assert.equal(mixed.client.delivered.length, 3 * MESSAGES);
        const { verdicts } = judge(runOf(mixed.group));
        for (const property of promised(order)) {
          const { outcome, witness } = verdicts[property];
          assert.equal(outcome, "holds", `seed ${seed}: ${property}: ${witness?.sentence}`);
        }
        for (const [p, { malformed, process, delivered }] of mixed.group.members.entries()) {
          if (p === self) continue;
          for (const entry of delivered) assert.match(entry, /^(\d):(\d+):message \2 of \1$/);
          assert.equal(malformed, 0, "all that the client sends is understood");
          assert.equal(process.inconsistencies, 0);
        }
      }
    });
  }
}
