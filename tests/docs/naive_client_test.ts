import assert from "node:assert/strict";
import type { Millis, ProcessId } from "../../src/protocols/process.ts";
import { Random } from "../../src/protocols/random.ts";
import { faulty, VirtualGroup } from "../protocols/virtual_group.ts";
import { NaiveClient } from "./naive_client.ts";

/** The run of a virtual group. */
const RUN = 77;
const CLIENT: ProcessId = 2;
const MESSAGES = 20;

/** A group whose last process is a client that knows only the page. */
class MixedGroup {
  readonly group: VirtualGroup;
  readonly client: NaiveClient;
  #inbox: { at: Millis; bytes: Uint8Array }[] = [];

  constructor(seed: number, loss: number) {
    const fate = faulty(seed, { delayMs: [1, 60], loss, duplicate: loss });
    this.group = new VirtualGroup({
      size: 3,
      fate: (from, to, now, bytes) => {
        const delays = fate(from, to, now, bytes);
        if (to !== CLIENT) return delays;
        for (const delay of delays) this.#inbox.push({ at: now + delay, bytes });
        return [];
      },
    });
    this.client = new NaiveClient({
      run: RUN,
      self: CLIENT,
      size: 3,
      send: (to, bytes) => this.group.transmit(CLIENT, to, bytes),
    });
    this.group.members[CLIENT]!.paused = true; // The client is there in its place.
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
        const self = p === CLIENT ? this.client : member.process;
        member.wakeAt = Infinity;
        if (self.ready && left[p]! >= 0) {
          member.wakeAt = nextAt[p]!;
          if (now < nextAt[p]!) continue;
          nextAt[p] = member.wakeAt = now + random.between(1, 20);
          this.#act(p, left[p]!--);
        }
      }
      const client = this.group.members[CLIENT]!;
      const arrival = Math.min(...this.#inbox.map(({ at }) => at));
      client.wakeAt = Math.min(client.wakeAt, arrival, Math.max(this.client.deadline, now + 0.1));
      return this.client.complete &&
        this.group.members.every(({ process }, p) => p === CLIENT || process.complete);
    }, 120_000);
  }

  /** Process p multicasts one of the messages that are left, or its stop marker. */
  #act(p: ProcessId, left: number): void {
    const message = `message ${MESSAGES - left + 1} of ${p}`;
    const { process } = this.group.members[p]!;
    if (p === CLIENT) {
      if (left > 0) this.client.multicast(message);
      else this.client.stop(MESSAGES);
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

for (const loss of [0, 0.25]) {
  Deno.test(`a client written from docs/PROTOCOL.md alone takes part, with ${100 * loss} % loss`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const mixed = new MixedGroup(seed, loss);
      assert.ok(mixed.run(seed), `seed ${seed} comes to the end`);
      const [a, b] = mixed.group.members;
      const expected = mixed.client.delivered;
      assert.equal(expected.length, 3 * MESSAGES);
      for (const member of [a!, b!]) {
        // A member's log has the sender's count of messages between sender and text.
        const log = member.delivered.map((entry) => entry.replace(/:\d+:/, ":"));
        assert.deepEqual(log, expected, `seed ${seed}: the same order everywhere`);
        assert.equal(member.malformed, 0, "all that the client sends is understood");
        assert.equal(member.process.inconsistencies, 0);
      }
    }
  });
}
