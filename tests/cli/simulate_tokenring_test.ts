import assert from "node:assert/strict";
import { RING_BUGS } from "../../src/simulator/ring_bugs.ts";
import { mpcomm } from "./mpcomm.ts";
import { assertRefused, type Ending, type PrintedEvent, runToEnd } from "./processes.ts";

const TOKENRING = ["simulate", "tokenring"];

/** Runs it for programs. */
async function simulate(line: string): Promise<Ending> {
  return await runToEnd([...TOKENRING, ...line.split(" "), "--json", "--quiet"]);
}

function only({ events }: Pick<Ending, "events">, kind: string): PrintedEvent {
  const found = events.filter(({ event }) => event === kind);
  assert.equal(found.length, 1, JSON.stringify(events));
  return found[0]!;
}

Deno.test("a campaign of token rings prints one object with all that happened", async () => {
  const ending = await simulate("--swarm --seed 5 --runs 25");
  assert.equal(ending.code, 0);
  assert.equal(ending.events.length, 1);
  const { protocol, seed, runs, violations, swarm, bug, faults, events, traceHash } = only(
    ending,
    "simulation",
  );
  assert.deepEqual(
    [protocol, seed, runs, violations, swarm, bug],
    ["tokenring", 5, 25, 0, true, null],
  );
  const happened = faults as Record<string, number>;
  for (const kind of ["lost", "duplicated", "cut", "crashed", "paused", "left", "leasesLost"]) {
    assert.ok(happened[kind]! > 0, kind);
  }
  assert.ok(happened.grants! > 1000 && happened.epochs! > 30, JSON.stringify(happened));
  assert.ok(Number(events) > 10_000);
  assert.match(String(traceHash), /^[0-9a-f]{16}$/);
});

Deno.test("a campaign has the same hash again, and each seed alone has its hash within", async () => {
  const line = "--swarm --seed 40 --runs 4 --each";
  const [first, second] = await Promise.all([simulate(line), simulate(line)]);
  assert.equal(only(first, "simulation").traceHash, only(second, "simulation").traceHash);
  const runs = first.events.filter(({ event }) => event === "seed");
  assert.deepEqual(runs.map(({ seed }) => seed), [40, 41, 42, 43]);
  const alone = only(await simulate("--swarm --seed 42"), "simulation");
  assert.equal(alone.traceHash, runs[2]!.traceHash);
});

for (const name of ["start-twice", "no-lease", "fence-restarts"]) {
  const { caughtBy } = RING_BUGS.get(name)!;
  Deno.test(`${name} is caught by ${caughtBy}, and its replay fails again`, async () => {
    const ending = await simulate(`--bug ${name} --seed 1`);
    assert.equal(ending.code, 3);
    const violation = ending.events.find(({ event, property }) =>
      event === "violation" && property === caughtBy
    );
    assert.ok(violation !== undefined, JSON.stringify(ending.events));
    const words = String(violation.replay).split(" ");
    assert.deepEqual(words.slice(0, 3), ["mpcomm", ...TOKENRING]);
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
  const knobs = "--nodes 2 --lease 800ms --pace 50ms --starters 2 --users 2 --interval 1-9ms " +
    "--hold-max 20ms --duplicate 40% --holder-crashes 3 --drift 0.5% --load 500ms";
  const ending = await simulate(`--bug fence-restarts --seed 1 ${knobs}`);
  const violation = ending.events.find(({ event }) => event === "violation");
  assert.equal(
    violation?.replay,
    `mpcomm simulate tokenring --seed ${violation?.seed} --bug fence-restarts --runs 1 ${knobs}`,
  );
});

Deno.test("people get a table, the witness as a sentence, and the command to repeat it", async () => {
  const { code, stdout } = await mpcomm([...TOKENRING, "--bug", "fence-restarts", "--seed", "1"]);
  assert.equal(code, 3);
  assert.match(
    stdout,
    /^seed \d+: fencing is violated: node \d got the lock with fencing number \d+ at [\d.]+ ms, after/m,
  );
  assert.match(stdout, /^ {2}mpcomm simulate tokenring --seed \d+ --bug fence-restarts/m);
  assert.match(stdout, /^grants of the lock +[\d,]+$/m);
});

Deno.test("a world without faults says that it tested little", async () => {
  const { code, stdout } = await mpcomm([...TOKENRING, "--seed", "1", "--nodes", "2"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing went wrong in this world, so little was tested/m);
});

Deno.test("--bug list explains each mistake in a sentence", async () => {
  const { events } = await simulate("--bug list");
  assert.deepEqual(events.map(({ name }) => name), [...RING_BUGS.keys()]);
  const { stdout } = await mpcomm([...TOKENRING, "--bug", "list"]);
  for (const { name, caughtBy, explanation } of RING_BUGS.values()) {
    assert.match(stdout, new RegExp(`^${name} +${caughtBy}$`, "m"));
    assert.ok(stdout.includes(`${name}: ${explanation}.`));
  }
});

const WRONG: readonly (readonly [line: string, complaint: string])[] = [
  ["--bug start-twize", 'There is no mistake "start-twize": did you mean start-twice?'],
  ["--runs 0", 'expected a whole number from 1 to 1000000000, or forever, got "0"'],
  ["--nodes 0", 'expected a whole number from 1 to 64, got "0"'],
  ["--delay-mean 2ms --delay-min 5ms", "is below --delay-min"],
];

for (const [line, complaint] of WRONG) {
  Deno.test(`simulate tokenring ${line} is refused in one line`, async () => {
    const [option] = line.split(" ");
    const ending = await runToEnd([...TOKENRING, ...line.split(" ")]);
    assertRefused(ending, 2, `mpcomm simulate tokenring: ${option}: ${complaint}`);
  });
}
