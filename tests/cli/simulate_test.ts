import assert from "node:assert/strict";
import { ORDER_BUGS } from "../../src/simulator/bugs.ts";
import { mpcomm } from "./mpcomm.ts";
import {
  assertRefused,
  type Ending,
  type PrintedEvent,
  RunningProcess,
  runToEnd,
} from "./processes.ts";

const ORDER = ["simulate", "order"];

/** Runs it for programs. */
async function simulate(line: string): Promise<Ending> {
  return await runToEnd([...ORDER, ...line.split(" "), "--json", "--quiet"]);
}

/** Runs a command that was printed. */
async function replay(command: unknown): Promise<Ending> {
  assert.equal(typeof command, "string");
  const words = (command as string).split(" ");
  assert.deepEqual(words.slice(0, 3), ["mpcomm", ...ORDER]);
  return await simulate(words.slice(3).join(" "));
}

function only({ events }: Pick<Ending, "events">, kind: string): PrintedEvent {
  const found = events.filter(({ event }) => event === kind);
  assert.equal(found.length, 1, JSON.stringify(events));
  return found[0]!;
}

Deno.test("a campaign prints one object with everything that happened", async () => {
  const ending = await simulate("--order lamport --swarm --seed 5 --runs 20");
  const { eventsPerSecond, events, virtualSeconds, faults, traceHash, ...rest } = only(
    ending,
    "simulation",
  );
  assert.deepEqual(ending.events.length, 1);
  assert.deepEqual(
    [rest.protocol, rest.order, rest.seed, rest.runs, rest.violations],
    ["order", "lamport", 5, 20, 0],
  );
  assert.ok(Number(events) > 1000 && Number(eventsPerSecond) > 0 && Number(virtualSeconds) > 1);
  for (const kind of ["lost", "duplicated", "reordered", "paused", "partitions"]) {
    assert.ok((faults as Record<string, number>)[kind]! > 0, kind);
  }
  assert.match(String(traceHash), /^[0-9a-f]{16}$/);
  assert.equal(ending.code, 0);
});

Deno.test("a campaign has the same hash again, and each seed alone has its hash within", async () => {
  const line = "--swarm --seed 40 --runs 6 --each";
  const [first, second] = await Promise.all([simulate(line), simulate(line)]);
  assert.equal(only(first, "simulation").traceHash, only(second, "simulation").traceHash);
  const runs = first.events.filter(({ event }) => event === "seed");
  assert.deepEqual(runs.map(({ seed }) => seed), [40, 41, 42, 43, 44, 45]);
  for (const { seed, traceHash } of [runs[0]!, runs[3]!, runs[5]!]) {
    const alone = only(await simulate(`--swarm --seed ${seed} --runs 1`), "simulation");
    assert.equal(alone.traceHash, traceHash);
  }
});

Deno.test("without a seed a new one is drawn and printed, and it repeats the campaign", async () => {
  const [a, b] = await Promise.all([simulate("--swarm --runs 3"), simulate("--swarm --runs 3")]);
  const [first, second] = [only(a, "simulation"), only(b, "simulation")];
  assert.notEqual(first.seed, second.seed);
  const again = only(await simulate(`--swarm --runs 3 --seed ${first.seed}`), "simulation");
  assert.equal(again.traceHash, first.traceHash);
});

for (const { name, caughtBy } of ORDER_BUGS.values()) {
  Deno.test(`${name} is caught by ${caughtBy}, and its replays fail again`, async () => {
    const ending = await simulate(`--bug ${name} --seed 1 --shrink`);
    assert.equal(ending.code, 3);
    const summary = only(ending, "simulation");
    assert.ok(Number(summary.violations) > 0 && Number(summary.runs) <= 1000);
    const violation = ending.events.find(({ event, property, promised }) =>
      event === "violation" && property === caughtBy && promised
    );
    assert.ok(violation !== undefined, JSON.stringify(ending.events));
    const shrunk = only(ending, "shrunk");
    assert.equal(shrunk.property, caughtBy);
    assert.ok(Number(shrunk.peers) <= 4 && Number(shrunk.messages) <= 20, "small enough to read");
    assert.ok(!String(shrunk.replay).includes("--swarm"));
    for (const { seed, property, witness, replay: command } of [violation, shrunk]) {
      const again = await replay(command);
      assert.equal(again.code, 3);
      assert.equal(only(again, "simulation").runs, 1);
      const same = again.events.find((event) =>
        event.event === "violation" && event.property === property
      );
      assert.deepEqual([same?.seed, same?.witness], [seed, witness]);
    }
  });
}

Deno.test("what an order doesn't promise is shown and counted, and fails only on demand", async () => {
  const ending = await simulate("--order none --swarm --seed 1 --runs 30");
  const { violations, notPromised } = only(ending, "simulation");
  assert.equal(ending.code, 0);
  assert.equal(violations, 0);
  assert.ok((notPromised as Record<string, number>).total! > 5);
  const shown = ending.events.find(({ property }) => property === "total");
  assert.equal(shown?.promised, false);

  const strict = await simulate("--order none --swarm --seed 1 --runs 30 --check total");
  assert.equal(strict.code, 3);
  const summary = only(strict, "simulation");
  assert.deepEqual(summary.violationsOf, { total: (notPromised as Record<string, number>).total });
  const printed = strict.events.filter(({ event, promised }) => event === "violation" && promised);
  assert.equal(printed.length, 5, "many of a kind are counted, but not printed");
  assert.equal((await replay(printed[4]!.replay)).code, 3);
});

for (const line of ["--bug deliver-without-acks --seed 3", "--swarm --order none --seed 6"]) {
  Deno.test(`compare judges the logs of ${line} alike`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-history-" });
    try {
      const ending = await simulate(`${line} --history ${folder}`);
      const { order } = only(ending, "simulation");
      assert.equal(only(ending, "history").directory, `${folder}/${order}`);
      const compared = await runToEnd(["compare", "--logs", folder, "--json", "--quiet"]);
      assert.equal(compared.code, ending.code);
      const { properties } = only(compared, "run") as unknown as {
        properties: Record<string, string>;
      };
      const violated = ending.events.filter(({ event }) => event === "violation")
        .map(({ property }) => property);
      for (const [property, outcome] of Object.entries(properties)) {
        assert.equal(outcome === "violated", violated.includes(property), property);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("logs of a run with a crash say who did not come to the end", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-history-" });
  try {
    const ending = await simulate(
      `--peers 4 --crashes 1 --fault-period 300ms --seed 2 --history ${folder}`,
    );
    assert.equal(ending.code, 0);
    const facts = JSON.parse(await Deno.readTextFile(`${folder}/lamport/run.json`));
    assert.ok(facts.incomplete.length >= 1);
    const judged = await runToEnd(["compare", "--logs", folder, "--quiet"]);
    assert.equal(judged.code, 1, "what a crashed process would have delivered can't be judged");
    assert.equal((await replay(facts.replay)).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("people get a table, the witness as a sentence, and the command to repeat it", async () => {
  const { code, stdout, stderr } = await mpcomm([...ORDER, "--bug", "sort-at-end", "--seed", "1"]);
  assert.equal(stderr, "");
  assert.match(stdout, /^seed \d+: total is violated: process \d .*\.$/m);
  assert.match(stdout, /^ {2}mpcomm simulate order --seed \d+ --order lamport --bug sort-at-end/m);
  assert.match(stdout, /^runs +\d+$/m);
  assert.match(stdout, /^times real time +[\d,]+$/m);
  assert.match(stdout, /^Repeat it with --shrink .*\.$/m);
  assert.equal(code, 3);
});

Deno.test("a run in which nothing went wrong says that it tested little", async () => {
  const { code, stdout } = await mpcomm([...ORDER, "--peers", "2", "--seed", "1"]);
  assert.match(stdout, /^Nothing went wrong on this network, so little was tested/m);
  assert.equal(code, 0);
});

Deno.test("--bug list explains each mistake in a sentence", async () => {
  const ending = await simulate("--bug list");
  assert.equal(ending.code, 0);
  assert.deepEqual(ending.events.map(({ name }) => name), [...ORDER_BUGS.keys()]);
  for (const { event, explanation, caughtBy } of ending.events) {
    assert.deepEqual([event, typeof caughtBy], ["bug", "string"]);
    assert.match(String(explanation), /^[^.]{40,}$/);
  }
  const { stdout } = await mpcomm([...ORDER, "--bug", "list"]);
  for (const name of ORDER_BUGS.keys()) assert.match(stdout, new RegExp(`^${name}: .*\\.$`, "m"));
});

Deno.test("a swarm with large messages leaves room for them", async () => {
  const ending = await simulate("--swarm --payload 100KiB --messages 3 --seed 1 --runs 30");
  assert.deepEqual([ending.stderr, ending.code], ["", 0]);
  assert.equal(only(ending, "simulation").runs, 30);
});

Deno.test("Ctrl-C ends a campaign with what has been found so far", async () => {
  await using running = RunningProcess.start(
    [...ORDER, "--swarm", "--runs", "forever", "--seed", "1", "--each", "--json"],
  );
  await running.count("seed", 20);
  running.kill("SIGINT");
  const ending = await running.end();
  assert.equal(ending.code, 130);
  const { runs } = only(ending, "simulation");
  assert.ok(Number(runs) >= 20);
  assert.equal(running.events("seed").length, runs);
});

Deno.test("Ctrl-C is heard in the middle of a long run", async () => {
  await using running = RunningProcess.start(
    [...ORDER, "--peers", "20", "--messages", "100000", "--seed", "1", "--json"],
  );
  await running.complaint(/^Simulating lamport from seed 1$/m);
  running.kill("SIGINT");
  const ending = await running.end();
  assert.equal(ending.code, 130);
  assert.equal(only(ending, "simulation").runs, 0);
});

const WRONG: readonly (readonly [line: string, complaint: string])[] = [
  ["--bug no-tie-brek", 'There is no mistake "no-tie-brek": did you mean no-tie-break?'],
  ["--bug no-tie-break --order none", "no-tie-break is a mistake in lamport, not in none"],
  ["--runs 0", 'expected a whole number from 1 to 1000000000, or forever, got "0"'],
  ["--runs ever", 'expected a whole number from 1 to 1000000000, or forever, got "ever"'],
  ["--order none,lamport", 'expected one order, got "none,lamport"'],
  ["--check totl", 'There is no property "totl": did you mean total?'],
  [
    "--partition-mode half",
    'There is no partition mode "half": use symmetric, one-way, isolate',
  ],
  ["--delay-mean 2ms --delay-min 5ms", "is below --delay-min"],
  ["--held-back 300", 'expected a power of two from 256 to 32768, got "300"'],
  ["--topology nowhere", 'No topology "nowhere": name a file or one of aws-2020, lan'],
];

for (const [line, complaint] of WRONG) {
  Deno.test(`${line} is refused in one line`, async () => {
    const [option] = line.split(" ");
    const ending = await runToEnd([...ORDER, ...line.split(" ")]);
    assertRefused(ending, 2, `mpcomm simulate order: ${option}: ${complaint}`);
  });
}

Deno.test("simulate alone says what there is to simulate", async () => {
  assertRefused(
    await runToEnd(["simulate"]),
    2,
    "mpcomm simulate: no protocol: begin with 'mpcomm simulate order', " +
      "'mpcomm simulate persistent', 'mpcomm simulate tokenring' or 'mpcomm simulate gossip'",
  );
  assertRefused(
    await runToEnd(["simulate", "ordre"]),
    2,
    'mpcomm simulate: unexpected argument "ordre" (did you mean "order"?)',
  );
});
