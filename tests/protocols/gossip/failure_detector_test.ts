import assert from "node:assert/strict";
import {
  type DetectorOutbox,
  FailureDetector,
} from "../../../src/protocols/gossip/failure_detector.ts";
import type { MembershipOptions } from "../../../src/protocols/gossip/gossip_options.ts";
import { MemberTable } from "../../../src/protocols/gossip/member_table.ts";
import type {
  MemberRecord,
  MembershipMessage,
  MemberState,
} from "../../../src/protocols/gossip/messages.ts";
import { Random } from "../../../src/protocols/random.ts";

const OPTIONS: MembershipOptions = {
  ...{ probeIntervalMs: 1000, probeTimeoutMs: 400, indirectProbes: 2, suspicionMs: 5000 },
};

/** A detector, the table it looks into, and what it has said, a line for each. */
class Bench implements DetectorOutbox {
  readonly table = new MemberTable(new Random(1));
  readonly detector: FailureDetector;
  #lines: string[] = [];
  now = 0;

  constructor(...names: string[]) {
    this.detector = new FailureDetector(OPTIONS, this.table, this, new Random(2), 0);
    for (const name of names) this.learn(name);
  }

  learn(name: string, state: MemberState = "alive", incarnation = 1): void {
    const record = { name, address: `${name}:1`, incarnation, state };
    const change = this.table.put(record);
    assert.notEqual(change, "nothing", `it is known that ${name} is ${state}`);
    this.detector.changed(record, change, this.now);
  }

  /** Calls it at all its deadlines, up to a time from now. Returns what it has said. */
  run(ms: number): string[] {
    const end = this.now + ms;
    while (this.detector.deadline <= end) {
      assert.ok(this.detector.deadline >= this.now, "it was called for that already");
      this.now = this.detector.deadline;
      this.detector.tick(this.now);
    }
    this.now = end;
    return this.take();
  }

  /** Goes on to the beginning of a period. Returns what it has said then. */
  runToPing(): string[] {
    for (;;) {
      this.now = this.detector.deadline;
      this.detector.tick(this.now);
      const lines = this.take();
      if (lines.length > 0) return lines;
    }
  }

  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  send(address: string, body: MembershipMessage): void {
    const target = "target" in body ? ` ${body.target} ${body.probe}` : "";
    this.#lines.push(`${body.type}${target} to ${address}`);
  }

  check(address: string): void {
    this.#lines.push(`check ${address}`);
  }

  confront(suspect: MemberRecord): void {
    this.#lines.push(`confront ${suspect.name}`);
  }

  accuse({ name, state, incarnation }: MemberRecord): void {
    this.#lines.push(`${name} is ${state}`);
    this.learn(name, state, incarnation);
  }
}

Deno.test("who answers in time is left in peace for the rest of the period", () => {
  const bench = new Bench("ada");
  for (let probe = 1; probe <= 5; probe++) {
    assert.deepEqual(bench.runToPing(), [`ping ada ${probe} to ada:1`]);
    bench.detector.receiveAck({ type: "ack", target: "ada", probe });
    assert.deepEqual(bench.run(OPTIONS.probeIntervalMs - 1), []);
  }
});

Deno.test("who doesn't is asked again, and by others, and is a suspect at the end of the period", () => {
  const bench = new Bench("ada", "ben", "cyd");
  const [ping] = bench.runToPing();
  const target = ping!.split(" ")[1]!;
  assert.deepEqual(bench.run(399), [ping]);
  const asked = bench.run(1).toSorted();
  const others = ["ada", "ben", "cyd"].filter((name) => name !== target);
  assert.deepEqual(
    asked,
    [
      `check ${target}:1`,
      ...others.map((name) => `ping-request ${target} 1 to ${name}:1`),
      ping,
    ].toSorted(),
  );
  assert.deepEqual(bench.run(599), [ping, ping]);
  assert.equal(bench.run(1)[0], `${target} is suspect`);
});

Deno.test("an answer by way of another one counts, and so does any message of his", () => {
  for (const answer of ["ack", "message"]) {
    const bench = new Bench("ada");
    bench.runToPing();
    bench.run(900);
    if (answer === "ack") bench.detector.receiveAck({ type: "ack", target: "ada", probe: 1 });
    else bench.detector.heardFrom("ada");
    assert.deepEqual(bench.run(100), ["ping ada 2 to ada:1"]);
  }
});

Deno.test("what answers another probe, or comes from another one, doesn't count", () => {
  const bench = new Bench("ada");
  bench.runToPing();
  bench.detector.receiveAck({ type: "ack", target: "ada", probe: 7 });
  bench.detector.receiveAck({ type: "ack", target: "ben", probe: 1 });
  bench.detector.heardFrom("ben");
  assert.ok(bench.run(1000).includes("ada is suspect"));
});

Deno.test("a suspect is told so until it contradicts, or its time is over", () => {
  const silent = new Bench("ada");
  silent.runToPing();
  silent.run(1000);
  const lines = silent.run(4999);
  assert.ok(lines.filter((line) => line === "confront ada").length >= 10);
  assert.ok(!lines.some((line) => line.includes("dead")));
  assert.deepEqual(silent.run(1), ["ada is dead"]);
  assert.deepEqual(silent.run(10_000), []);

  const alive = new Bench("ada");
  alive.runToPing();
  alive.run(3000);
  alive.learn("ada", "alive", 2);
  alive.detector.heardFrom("ada");
  alive.take();
  assert.ok(!alive.run(999).includes("confront ada"));
});

Deno.test("a suspicion that others had lasts as long, and they tell the suspect", () => {
  const bench = new Bench("ada", "ben");
  bench.learn("ada", "suspect");
  const lines: string[] = [];
  for (let i = 0; i < 499; i++) {
    lines.push(...bench.run(10));
    bench.detector.heardFrom("ada");
    bench.detector.heardFrom("ben");
  }
  assert.ok(!lines.some((line) => line.startsWith("check") || line.includes("dead")));
  assert.ok(bench.run(20).includes("ada is dead"));
});

Deno.test("a new suspicion of a later incarnation has its full time", () => {
  const bench = new Bench("ada");
  bench.learn("ada", "suspect");
  bench.run(4000);
  bench.learn("ada", "suspect", 2);
  assert.ok(!bench.run(4999).includes("ada is dead"));
  assert.ok(bench.run(1).includes("ada is dead"));
});

Deno.test("if the machine says that nobody listens, who is silent is dead at once", () => {
  const bench = new Bench("ada");
  bench.runToPing();
  bench.detector.refused("ada:1", bench.now);
  assert.deepEqual(bench.take(), [], "it has not been silent for long");
  bench.run(400);
  bench.detector.refused("ben:1", bench.now);
  assert.deepEqual(bench.take(), [], "somebody else isn't there");
  bench.detector.refused("ada:1", bench.now);
  assert.deepEqual(bench.take(), ["ada is dead"]);

  bench.learn("cyd", "suspect");
  bench.detector.refused("cyd:1", bench.now);
  assert.deepEqual(bench.take(), ["cyd is dead"], "a suspect, whoever suspects it");
});

Deno.test("who has answered isn't dead because of an answer that comes late", () => {
  const bench = new Bench("ada");
  bench.runToPing();
  bench.run(400);
  bench.detector.receiveAck({ type: "ack", target: "ada", probe: 1 });
  bench.detector.refused("ada:1", bench.now);
  assert.deepEqual(bench.take().filter((line) => line.includes("dead")), []);
});

Deno.test("a ping for somebody else is sent, and its answer handed on once", () => {
  const bench = new Bench();
  const request = {
    ...{ type: "ping-request", target: "ada", address: "ada:1", probe: 77 } as const,
  };
  bench.detector.receivePingRequest(request, "ben:1");
  assert.deepEqual(bench.take(), ["ping ada 1 to ada:1"]);
  bench.detector.receiveAck({ type: "ack", target: "cyd", probe: 1 });
  assert.deepEqual(bench.take(), [], "that was somebody else");
  for (let i = 0; i < 2; i++) bench.detector.receiveAck({ type: "ack", target: "ada", probe: 1 });
  assert.deepEqual(bench.take(), ["ack ada 77 to ben:1"]);
});

Deno.test("of very many requests the oldest are forgotten", () => {
  const bench = new Bench();
  const request = { type: "ping-request", target: "ada", address: "ada:1" } as const;
  for (let i = 1; i <= 1000; i++) {
    bench.detector.receivePingRequest({ ...request, probe: i }, "ben:1");
  }
  bench.take();
  for (let i = 1; i <= 1000; i++) {
    bench.detector.receiveAck({ type: "ack", target: "ada", probe: i });
  }
  const answers = bench.take();
  assert.equal(answers.length, 256);
  assert.equal(answers.at(-1), "ack ada 1000 to ben:1");
});

Deno.test("each member is probed once in a round, in another order each time (SWIM, 4.3)", () => {
  const names = ["ada", "ben", "cyd", "dan", "eve", "fay"];
  const bench = new Bench(...names);
  const rounds = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const probed = names.map(() => {
      const target = bench.runToPing()[0]!.split(" ")[1]!;
      bench.detector.heardFrom(target);
      return target;
    });
    assert.deepEqual(probed.toSorted(), names);
    rounds.add(probed.join());
  }
  assert.ok(rounds.size > 15);
});

Deno.test("who comes is probed in the round there is, and who has gone isn't", () => {
  for (let already = 0; already < 4; already++) {
    const bench = new Bench("ada", "ben", "cyd", "dan", "eve");
    const next = () => {
      const target = bench.runToPing()[0]!.split(" ")[1]!;
      bench.detector.heardFrom(target);
      return target;
    };
    const probed = Array.from({ length: already + 1 }, next);
    const gone = ["ada", "ben", "cyd", "dan", "eve"].find((name) => !probed.includes(name))!;
    bench.learn(gone, "left");
    bench.learn("new");
    while (probed.length < 5) probed.push(next());
    assert.ok(probed.includes("new") && !probed.includes(gone), `${probed}`);
  }
});

Deno.test("who is alone asks nobody, and goes on when somebody comes", () => {
  const bench = new Bench();
  assert.deepEqual(bench.run(5000), []);
  bench.learn("ada");
  assert.equal(bench.run(1000)[0], "ping ada 1 to ada:1");
});
