import assert from "node:assert/strict";
import { PERSISTENT_BUGS } from "../../src/simulator/persistent_bugs.ts";
import { mpcomm } from "./mpcomm.ts";
import { assertRefused, type Ending, type PrintedEvent, runToEnd } from "./processes.ts";

const PERSISTENT = ["simulate", "persistent"];

/** Runs it for programs. */
async function simulate(line: string): Promise<Ending> {
  return await runToEnd([...PERSISTENT, ...line.split(" "), "--json", "--quiet"]);
}

function only({ events }: Pick<Ending, "events">, kind: string): PrintedEvent {
  const found = events.filter(({ event }) => event === kind);
  assert.equal(found.length, 1, JSON.stringify(events));
  return found[0]!;
}

Deno.test("a campaign of persistent multicasts prints one object with all that happened", async () => {
  const ending = await simulate("--swarm --seed 5 --runs 50");
  assert.equal(ending.code, 0);
  assert.equal(ending.events.length, 1);
  const { protocol, seed, runs, violations, swarm, bug, faults, events, traceHash } = only(
    ending,
    "simulation",
  );
  assert.deepEqual(
    [protocol, seed, runs, violations, swarm, bug],
    ["persistent", 5, 50, 0, true, null],
  );
  for (const [kind, count] of Object.entries(faults as Record<string, number>)) {
    assert.ok(count > 0, kind);
  }
  assert.ok(Number(events) > 10_000);
  assert.match(String(traceHash), /^[0-9a-f]{16}$/);
});

Deno.test("a campaign has the same hash again, and each seed alone has its hash within", async () => {
  const line = "--swarm --seed 40 --runs 6 --each";
  const [first, second] = await Promise.all([simulate(line), simulate(line)]);
  assert.equal(only(first, "simulation").traceHash, only(second, "simulation").traceHash);
  const runs = first.events.filter(({ event }) => event === "seed");
  assert.deepEqual(runs.map(({ seed }) => seed), [40, 41, 42, 43, 44, 45]);
  const alone = only(await simulate("--swarm --seed 43"), "simulation");
  assert.equal(alone.traceHash, runs[3]!.traceHash);
});

for (const { name, caughtBy } of PERSISTENT_BUGS.values()) {
  Deno.test(`${name} is caught by ${caughtBy}, and its replay fails again`, async () => {
    const ending = await simulate(`--bug ${name} --seed 1`);
    assert.equal(ending.code, 3);
    const summary = only(ending, "simulation");
    assert.ok(Number(summary.violations) > 0 && Number(summary.runs) <= 1000);
    const violation = ending.events.find(({ event, property }) =>
      event === "violation" && property === caughtBy
    );
    assert.ok(violation !== undefined, JSON.stringify(ending.events));
    const words = String(violation.replay).split(" ");
    assert.deepEqual(words.slice(0, 3), ["mpcomm", ...PERSISTENT]);
    const again = await simulate(words.slice(3).join(" "));
    assert.equal(again.code, 3);
    assert.equal(only(again, "simulation").runs, 1);
    const same = again.events.find((event) =>
      event.event === "violation" && event.property === caughtBy
    );
    assert.deepEqual([same?.seed, same?.witness], [violation.seed, violation.witness]);
  });
}

Deno.test("a replay turns the knobs that were turned", async () => {
  const knobs = "--participants 2 --td 250ms --messages 20 --interval 1-9ms --grid 1ms " +
    "--disconnects 30% --delay-min 2ms --breaks 2.5%";
  const ending = await simulate(`--bug td-as-count --seed 1 ${knobs}`);
  const violation = ending.events.find(({ event }) => event === "violation");
  assert.equal(
    violation?.replay,
    `mpcomm simulate persistent --seed ${violation?.seed} --bug td-as-count --runs 1 ${knobs}`,
  );
});

Deno.test("people get a table, the witness as a sentence, and the command to repeat it", async () => {
  const { code, stdout } = await mpcomm(
    [...PERSISTENT, "--bug", "retry-stored-twice", "--seed", "1"],
  );
  assert.equal(code, 3);
  assert.match(
    stdout,
    /^seed \d+: once is violated: message \d+ of . is stored as message \d+ too\.$/m,
  );
  assert.match(stdout, /^ {2}mpcomm simulate persistent --seed \d+ --bug retry-stored-twice/m);
  assert.match(stdout, /^crashes of the coordinator +\d+$/m);
});

Deno.test("a world without faults says that it tested little", async () => {
  const { code, stdout } = await mpcomm([...PERSISTENT, "--seed", "1", "--participants", "2"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing went wrong in this world, so little was tested/m);
});

Deno.test("--bug list explains each mistake in a sentence", async () => {
  const { events } = await simulate("--bug list");
  assert.deepEqual(events.map(({ name }) => name), [...PERSISTENT_BUGS.keys()]);
  const { stdout } = await mpcomm([...PERSISTENT, "--bug", "list"]);
  for (const { name, caughtBy, explanation } of PERSISTENT_BUGS.values()) {
    assert.match(stdout, new RegExp(`^${name} +${caughtBy}$`, "m"));
    assert.ok(stdout.includes(`${name}: ${explanation}.`));
  }
});

const WRONG: readonly (readonly [line: string, complaint: string])[] = [
  [
    "--bug ack-befor-commit",
    'There is no mistake "ack-befor-commit": did you mean ack-before-commit?',
  ],
  ["--runs 0", 'expected a whole number from 1 to 1000000000, or forever, got "0"'],
  ["--participants 0", 'expected a whole number from 1 to 100, got "0"'],
  ["--delay-mean 2ms --delay-min 5ms", "is below --delay-min"],
];

for (const [line, complaint] of WRONG) {
  Deno.test(`simulate persistent ${line} is refused in one line`, async () => {
    const [option] = line.split(" ");
    const ending = await runToEnd([...PERSISTENT, ...line.split(" ")]);
    assertRefused(ending, 2, `mpcomm simulate persistent: ${option}: ${complaint}`);
  });
}
