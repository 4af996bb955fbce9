import assert from "node:assert/strict";
import { Frame, FrameFlag } from "../../src/protocols/frame.ts";
import { Knowledge } from "../../src/protocols/knowledge.ts";
import { ReliableMulticast } from "../../src/protocols/reliable_multicast.ts";

/** Process 0 of a group of two, with what it sends and what it accepts. */
class Link {
  readonly sent: Frame[] = [];
  readonly accepted: string[] = [];
  room = Infinity;
  #clock = 0;
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
      const { flags, sent, clock, firstSeq } = frame;
      Object.assign(copy, { flags, sent, clock, firstSeq });
      copy.acks.set(frame.acks);
      copy.gaps.push(...frame.gaps);
      copy.times.push(...frame.times);
      copy.payloads.push(...frame.payloads);
      this.sent.push(copy);
    };
    const outbox = { send: (_to: number, frame: Frame) => keep(frame), multicast: keep };
    this.#multicast = new ReliableMulticast(0, 2, new Knowledge(0, 2), outbox, 0, maxAhead);
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

  /** A segment of process 0, stamped ten times its number. */
  multicast(sizeBytes = 1): void {
    const payload = new Uint8Array(sizeBytes);
    const seq = this.#multicast.multicast(this.#clock + 10, 0, payload);
    this.#clock += 10;
    assert.equal(this.#clock, 10 * seq);
  }

  /** Process 1 has all segments of process 0 up to `upTo`, and asks for those in `gaps`. */
  acknowledge(now: number, upTo: number, gaps: number[] = []): void {
    const frame = new Frame(2);
    frame.from = 1;
    frame.acks[0] = upTo;
    frame.gaps.push(...gaps);
    assert.ok(this.#multicast.receive(frame, now, this.#handler));
  }

  /** The last of process 0's segments that has left so far. */
  get transmitted(): number {
    return Math.max(0, ...this.sent.map(({ firstSeq, times }) => firstSeq - 1 + times.length));
  }

  get writable(): boolean {
    return this.#multicast.writable;
  }

  get timeoutMs(): number {
    return this.#multicast.timeoutMs(1);
  }

  resume(now: number): void {
    this.#multicast.resume(now, this.#handler);
  }

  tick(now: number): void {
    this.#multicast.tick(now, this.#clock, false, []);
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

Deno.test("a number beyond all bounds is remembered, and nothing else of it", () => {
  const link = new Link();
  link.receive(0, 2 ** 32 - 1, 2 ** 32 - 1);
  link.receive(0, 16_386, 16_386);
  link.tick(60);
  assert.deepEqual(link.requests, [[1, 16_384]]);
  link.receive(61, 1, 1);
  assert.deepEqual(link.accepted, ["1:1@10=1"]);
});

Deno.test("a segment that comes again is answered: its origin has missed the acknowledgement", () => {
  const link = new Link();
  link.receive(0, 1, 3);
  link.tick(0);
  assert.equal(link.sent.length, 1);
  link.tick(1);
  assert.equal(link.sent.length, 1, "one answer is enough");
  link.receive(2, 2, 2, 3); // It wants no reply.
  link.tick(2);
  assert.equal(link.sent.length, 2);
  assert.deepEqual([...link.sent[1]!.acks], [0, 3]);
  assert.equal(link.accepted.length, 3);
});

Deno.test("no frame speaks of a segment that waits for the window", () => {
  const link = new Link();
  for (let i = 0; i < 20; i++) link.multicast(16_000);
  let [now, acknowledged] = [0, 0];
  while (acknowledged < 20) {
    link.tick(now);
    link.receive(now, 1, 1); // It comes again and again: there are answers without segments too.
    link.tick(now);
    acknowledged = Math.min(acknowledged + 1, link.transmitted);
    link.acknowledge(++now, acknowledged);
  }
  let transmitted = 0;
  for (const { firstSeq, times, sent, clock } of link.sent) {
    transmitted = Math.max(transmitted, firstSeq - 1 + times.length);
    assert.equal(sent, transmitted);
    // The stamps are 10, 20...: all that is sent later has a higher one than the clock says.
    assert.equal(clock, transmitted < 20 ? 10 * (transmitted + 1) - 1 : 200);
  }
  assert.equal(transmitted, 20);
  assert.ok(link.sent[0]!.sent < 20, "the window held some of them back");
});

Deno.test("what is under way fits into the window; acknowledgements open it", () => {
  const link = new Link();
  const window = 212_992 / 2; // in a group of two
  let multicast = 0;
  for (; link.writable; multicast++) link.multicast(1000);
  assert.ok(Math.abs(multicast * 1000 - window) <= 1000, `${multicast} segments are taken at once`);
  for (; multicast < 1000; multicast++) link.multicast(1000); // They wait.
  for (let now = 0; now < 150; now += 10) link.tick(now);
  const { transmitted } = link;
  assert.ok(transmitted * 1016 >= window && transmitted * 1016 < window + 1016, `${transmitted}`);

  link.acknowledge(150, 10);
  link.tick(150);
  const more = link.transmitted - transmitted;
  assert.ok(more >= 10 && more <= 20, `${more}: ten, and ten more while the window still grows`);
  assert.equal(link.writable, false, "many still wait");
});

Deno.test("round trips are measured on what was sent once, never on what was sent again", () => {
  const link = new Link();
  link.multicast();
  link.tick(0);
  link.tick(200); // The timeout: it is sent again.
  assert.equal(link.sent.length, 2);
  link.acknowledge(205, 1);
  assert.equal(link.timeoutMs, 200, "for which of the two is this acknowledgement?");

  link.multicast();
  link.tick(300);
  link.acknowledge(310, 1, [2, 2]);
  link.tick(310); // It was asked for, and is sent again.
  link.acknowledge(320, 2);
  assert.equal(link.timeoutMs, 200);

  link.multicast();
  link.tick(400);
  link.acknowledge(440, 3);
  assert.equal(link.timeoutMs, 40 + 4 * 20);
});

Deno.test("a member that acknowledges nothing is sent the first it lacks, ever more rarely", () => {
  const link = new Link();
  for (let i = 0; i < 5; i++) link.multicast(1000);
  const times: number[] = [];
  for (let now = 0; now < 5000; now++) {
    const before = link.sent.length;
    link.tick(now);
    if (link.sent.length > before) times.push(now);
  }
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  assert.deepEqual(pauses, [200, 400, 800, 1000, 1000, 1000]);
  for (const { firstSeq, times, flags } of link.sent.slice(1)) {
    assert.deepEqual([firstSeq, flags], [1, FrameFlag.replyWanted]);
    assert.ok(times.length <= 2, "an answer will tell what else is missing");
  }
});

Deno.test("what was asked for is sent again at once, and nothing beyond it", () => {
  const link = new Link();
  for (let i = 0; i < 9; i++) link.multicast();
  link.tick(0);
  link.acknowledge(5, 2, [1, 3, 6, 6, 9, 40]);
  link.tick(5);
  const again = link.sent.slice(1).map(({ firstSeq, times }) => [firstSeq, times.length]);
  assert.deepEqual(again, [[3, 1], [6, 1], [9, 1]]);
});
