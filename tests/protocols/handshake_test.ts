import assert from "node:assert/strict";
import fc from "fast-check";
import { Frame, FrameFlag, FrameKind } from "../../src/protocols/frame.ts";
import { Handshake } from "../../src/protocols/handshake.ts";
import type { Millis, ProcessId } from "../../src/protocols/process.ts";

/** A hello under way. */
interface Hello {
  readonly from: ProcessId;
  readonly to: ProcessId;
  readonly flags: number;
  readonly at: Millis;
  readonly echo: Millis;
}

/** Processes that shake hands, and their hellos, which go only where the test lets them. */
class Hands {
  readonly processes: Handshake[];
  /** Who has really heard from whom. */
  readonly heard: Set<string> = new Set();
  #sent: Hello[] = [];

  constructor(readonly size: number) {
    this.processes = Array.from({ length: size }, (_, from) =>
      new Handshake(from, size, {
        send: (to, frame) => this.#keep(from, to, frame),
        multicast: () => assert.fail("a hello goes to one process"),
      }));
  }

  #keep(from: ProcessId, to: ProcessId, frame: Frame): void {
    assert.equal(frame.kind, FrameKind.hello);
    assert.equal(frame.from, from);
    assert.notEqual(to, from);
    this.#sent.push({ from, to, flags: frame.flags, at: frame.at, echo: frame.echo });
  }

  /** Takes out the hellos that have been sent since. */
  take(): Hello[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** Lets a hello arrive. Returns the round trip that it measured. */
  arrive({ from, to, flags, at, echo }: Hello, now: Millis): Millis {
    const frame = Object.assign(new Frame(this.size), { from, flags, at, echo });
    frame.kind = FrameKind.hello;
    this.heard.add(`${to} heard ${from}`);
    return this.processes[to]!.receive(frame, now);
  }

  get allHeardAll(): boolean {
    return this.heard.size === this.size * (this.size - 1);
  }

  get allDone(): boolean {
    return this.processes.every(({ done }) => done);
  }
}

const { replyWanted, done } = FrameFlag;

Deno.test("a process alone is ready from the start", () => {
  const { processes: [alone] } = new Hands(1);
  assert.ok(alone!.done);
  assert.equal(alone!.deadline, Infinity);
  assert.deepEqual(alone!.awaited, []);
});

Deno.test("two processes need a hello and an answer each way, and measure the round trip", () => {
  const hands = new Hands(2);
  const [a, b] = hands.processes as [Handshake, Handshake];
  assert.equal(a.deadline, -Infinity, "the first hello goes out at once");
  a.tick(100);
  const [hello] = hands.take();
  assert.deepEqual(hello, { from: 0, to: 1, flags: replyWanted, at: 100, echo: -1 });
  assert.equal(a.deadline, 120);

  // b has heard from all now: it answers, and asks whether a has.
  assert.equal(hands.arrive(hello!, 5000), -1);
  const answers = hands.take();
  assert.deepEqual(answers, [
    { from: 1, to: 0, flags: done, at: 5000, echo: 100 },
    { from: 1, to: 0, flags: done | replyWanted, at: 5000, echo: -1 },
  ]);
  assert.equal(b.done, false, "b does not know that a can hear it");
  assert.deepEqual(b.awaited, [0]);

  assert.equal(hands.arrive(answers[0]!, 130), 30);
  assert.ok(a.done);
  assert.equal(a.deadline, Infinity);
  for (const hello of hands.take()) hands.arrive(hello, 5050);
  assert.ok(b.done);
});

Deno.test("whoever is done still answers: its last hello may have been lost", () => {
  const hands = new Hands(2);
  const [a, b] = hands.processes as [Handshake, Handshake];
  a.tick(0);
  hands.take().forEach((hello) => hands.arrive(hello, 0));
  hands.arrive(hands.take()[0]!, 0);
  hands.take(); // All that a said to b since is lost.
  assert.ok(a.done && !b.done);
  b.tick(20);
  hands.take().forEach((hello) => hands.arrive(hello, 20));
  hands.take().forEach((hello) => hands.arrive(hello, 20));
  assert.ok(b.done);
});

Deno.test("hellos are repeated less and less often, to those alone who are not ready", () => {
  const hands = new Hands(3);
  const [a] = hands.processes as [Handshake];
  hands.arrive({ from: 2, to: 0, flags: done, at: 0, echo: -1 }, 0);
  const times: Millis[] = [];
  for (let i = 0; i < 7; i++) {
    const now = Math.max(0, a.deadline);
    a.tick(now - 0.5); // too early
    if (i > 0) assert.deepEqual(hands.take(), []);
    else hands.take();
    a.tick(now);
    if (i > 0) assert.deepEqual(hands.take().map(({ to }) => to), [1]);
    times.push(a.deadline - now);
  }
  assert.deepEqual(times.slice(1), [40, 80, 160, 250, 250, 250]);
});

Deno.test("data counts as a hello of a process that is ready", () => {
  const hands = new Hands(3);
  const [a] = hands.processes as [Handshake];
  a.heardData(1);
  assert.deepEqual(a.awaited, [2]);
  assert.equal(a.done, false);
  a.heardData(2);
  assert.ok(a.done);
  a.tick(0);
  assert.deepEqual(hands.take(), []);
  a.heardData(2);
  assert.ok(a.done);
});

Deno.test("an echo that can't be true measures nothing", () => {
  const hands = new Hands(2);
  const echo = (echo: Millis) => hands.arrive({ from: 1, to: 0, flags: 0, at: 0, echo }, 50);
  assert.deepEqual([-1, -1e300, 50.1, 1e300].map(echo), [-1, -1, -1, -1]);
  assert.deepEqual([0, 20.5, 50].map(echo), [50, 29.5, 0]);
});

Deno.test("nobody is done before all have heard from all, whatever is lost, doubled or late", () => {
  // The network keeps every hello that was ever sent; a step lets any one of them arrive, so that
  // it may come twice and as late as can be, or it lets time pass.
  const step = fc.record({
    arrives: fc.boolean(),
    pick: fc.nat(),
    process: fc.nat(),
    elapsedMs: fc.nat(100),
  });
  let completed = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.array(step, { maxLength: 200, size: "max" }),
      (size, steps) => {
        const hands = new Hands(size);
        const network: Hello[] = [];
        let now = 0;
        for (const { arrives, pick, process, elapsedMs } of steps) {
          now += elapsedMs;
          if (arrives && network.length > 0) hands.arrive(network[pick % network.length]!, now);
          else hands.processes[process % size]!.tick(now);
          network.push(...hands.take());
          const anyDone = hands.processes.some(({ done }) => done);
          assert.ok(!anyDone || hands.allHeardAll, "done before all have heard from all");
        }
        if (hands.allDone) completed++;
      },
    ),
  );
  assert.ok(completed > 10, "many of these handshakes came to their end");
});

Deno.test("the handshake comes to its end, although two hellos of three are lost", () => {
  fc.assert(fc.property(fc.infiniteStream(fc.nat(2)), (fates) => {
    const hands = new Hands(4);
    let now = 0;
    while (!hands.allDone && now < 60_000) {
      now = Math.max(0, Math.min(...hands.processes.map(({ deadline }) => deadline)));
      for (const process of hands.processes) process.tick(now);
      for (let sent = hands.take(); sent.length > 0; sent = hands.take()) {
        for (const hello of sent) {
          if (fates.next().value === 0) hands.arrive(hello, now);
        }
      }
    }
    assert.ok(hands.allDone, `not done after ${now} ms`);
    assert.ok(hands.allHeardAll);
  }));
});

Deno.test("a process that begins late is waited for", () => {
  const hands = new Hands(3);
  const [a, b] = hands.processes as [Handshake, Handshake];
  let now = 0;
  for (; now < 10_000; now += 20) {
    for (const process of [a, b]) process.tick(now);
    for (const hello of hands.take()) if (hello.to !== 2) hands.arrive(hello, now);
  }
  assert.ok(!a.done && !b.done);
  assert.deepEqual([a.awaited, b.awaited], [[2], [2]]);
  const started = now;
  while (!hands.allDone) {
    now++;
    assert.ok(now - started <= 500, "the late one is found at the next hello");
    for (const process of hands.processes) process.tick(now);
    for (const hello of hands.take()) hands.arrive(hello, now);
  }
});
