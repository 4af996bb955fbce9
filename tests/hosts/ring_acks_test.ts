import assert from "node:assert/strict";
import { RingAcks } from "../../src/hosts/ring_acks.ts";
import type { TokenAck } from "../../src/protocols/token_ring/messages.ts";

/** Acknowledgements, and those that were sent. */
class Acks implements Disposable {
  readonly sent: string[] = [];
  #wake: () => void = () => {};
  readonly acks = new RingAcks((to, { sequence }) => {
    this.sent.push(`${sequence} to ${to}`);
    this.#wake();
  });

  /** The token has come from `to` now. */
  add(to: number, sequence: number): void {
    const ack: TokenAck = { type: "ack", epoch: 1, sequence };
    this.acks.add(to, ack, performance.now());
  }

  /** Resolves when it holds of what has been sent. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  [Symbol.dispose](): void {
    this.acks.close();
  }
}

Deno.test("of tokens that follow one another only the last is acknowledged", async () => {
  using all = new Acks();
  for (let sequence = 1; sequence <= 10; sequence++) all.add(2, sequence);
  assert.deepEqual(all.sent, []);
  await all.until(() => all.sent.length > 0);
  assert.deepEqual(all.sent, ["10 to 2"]);
  all.add(2, 11);
  await all.until(() => all.sent.length > 1);
  assert.deepEqual(all.sent, ["10 to 2", "11 to 2"]);
});

Deno.test("who brings no more tokens gets his acknowledgement while those of others go on coming", async () => {
  using all = new Acks();
  all.add(1, 5);
  let sequence = 6;
  // Another node takes the place of that one, and is never silent.
  const timer = setInterval(() => all.add(2, sequence++), 0);
  // On a machine that stands still for a moment the other one gets some too.
  await all.until(() => all.sent.includes("5 to 1"));
  clearInterval(timer);
  await all.until(() => all.sent.includes(`${sequence - 1} to 2`));
  assert.equal(all.sent.filter((ack) => ack.endsWith(" to 1")).length, 1);
});

Deno.test("who ends acknowledges everything at once", () => {
  using all = new Acks();
  all.add(1, 5);
  all.add(2, 7);
  all.acks.flush();
  assert.deepEqual(all.sent, ["5 to 1", "7 to 2"]);
  all.acks.flush();
  assert.equal(all.sent.length, 2);
});
