import assert from "node:assert/strict";
import { Frame } from "../../src/protocols/frame.ts";
import { Knowledge } from "../../src/protocols/knowledge.ts";
import { ReliableMulticast } from "../../src/protocols/reliable_multicast.ts";

/** Process 0 of a group of two, with what it sends and what it accepts. */
class Link {
  readonly sent: Frame[] = [];
  readonly accepted: string[] = [];
  room = Infinity;
  readonly #multicast: ReliableMulticast;
  readonly #handler = {
    hasRoom: () => this.accepted.length < this.room,
    accept: (sender: number, seq: number, time: number, _kind: number, payload: Uint8Array) => {
      this.accepted.push(`${sender}:${seq}@${time}=${payload[0]}`);
    },
  };

  constructor(maxAhead?: number) {
    const keep = (frame: Frame) => {
      const copy = new Frame(2);
      Object.assign(copy, { flags: frame.flags, sent: frame.sent, firstSeq: frame.firstSeq });
      copy.gaps.push(...frame.gaps);
      copy.times.push(...frame.times);
      this.sent.push(copy);
    };
    const outbox = { send: (_to: number, frame: Frame) => keep(frame), multicast: keep };
    this.#multicast = new ReliableMulticast(0, 2, new Knowledge(0, 2), outbox, maxAhead);
  }

  /** Process 1's segments `first` to `last` come, of `total` that there are. */
  receive(now: number, first: number, last: number, total = last): void {
    const frame = new Frame(2);
    frame.from = 1;
    frame.sent = total;
    frame.clock = total * 10;
    frame.firstSeq = first;
    for (let seq = first; seq <= last; seq++) frame.push(seq * 10, 0, Uint8Array.of(seq));
    assert.ok(this.#multicast.receive(frame, now, this.#handler));
  }

  resume(now: number): void {
    this.#multicast.resume(now, this.#handler);
  }

  tick(now: number): void {
    this.#multicast.tick(now, 0, false, []);
  }

  /** What process 1 has been asked for, in the order of the requests. */
  get requests(): number[][] {
    return this.sent.filter(({ gaps }) => gaps.length > 0).map(({ gaps }) => gaps);
  }
}

Deno.test("everything that is missing is asked for at once, whatever came ahead", () => {
  const link = new Link();
  link.receive(0, 5, 5, 200);
  link.tick(0);
  assert.deepEqual(link.requests, [], "it may still be on its way");
  link.tick(50);
  assert.deepEqual(link.requests, [[1, 4, 6, 200]]);
});

Deno.test("a new gap is asked for at once, although an older request is unanswered", () => {
  const link = new Link();
  link.receive(0, 2, 2);
  link.tick(10);
  assert.deepEqual(link.requests, [[1, 1]]);
  link.receive(11, 4, 4);
  link.tick(20);
  assert.deepEqual(link.requests, [[1, 1], [3, 3]]);
});

Deno.test("what does not come is asked for again, ever more rarely", () => {
  const link = new Link();
  link.receive(0, 2, 2);
  const times: number[] = [];
  for (let now = 0; now < 4000; now++) {
    const before = link.requests.length;
    link.tick(now);
    if (link.requests.length > before) times.push(now);
  }
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  assert.deepEqual(pauses, [200, 400, 800, 1000, 1000]);
});

Deno.test("a segment that found no room is not accepted again under another number", () => {
  const link = new Link();
  link.room = 0;
  link.receive(0, 2, 3);
  link.room = 2;
  link.receive(1, 1, 1, 3); // 1 and 2 are accepted; 3 finds no room and stays where it is.
  link.room = Infinity;
  link.receive(2, 3, 3); // The origin sends it again.
  assert.deepEqual(link.accepted, ["1:1@10=1", "1:2@20=2", "1:3@30=3"]);
  link.receive(3, 4, 66); // The ring has been gone round; 67 has never been sent.
  assert.equal(link.accepted.at(-1), "1:66@660=66");
  assert.equal(link.accepted.length, 66);
});

Deno.test("when room returns, what waits is taken, and what was dropped is asked for", () => {
  const link = new Link();
  link.room = 1;
  link.receive(0, 3, 3); // ahead
  link.receive(0, 1, 2, 4); // 2 finds no room
  assert.deepEqual(link.accepted, ["1:1@10=1"]);
  link.tick(0);
  link.room = Infinity;
  link.resume(500);
  link.tick(520);
  assert.deepEqual(link.requests.at(-1), [2, 2, 4, 4]);
  link.receive(530, 2, 2, 4);
  assert.deepEqual(link.accepted, ["1:1@10=1", "1:2@20=2", "1:3@30=3"]);
});

Deno.test("what is too far ahead is dropped, and asked for when its turn is near", () => {
  const link = new Link(64);
  link.receive(0, 66, 66);
  link.receive(1, 1, 1, 66);
  link.tick(60);
  assert.deepEqual(link.requests, [[2, 65]], "as far as there is room for");
});
