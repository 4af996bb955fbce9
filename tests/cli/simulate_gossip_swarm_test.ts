import assert from "node:assert/strict";
import { GOSSIP_BUGS } from "../../src/simulator/gossip_bugs.ts";
import { mpcomm } from "./mpcomm.ts";
import { assertRefused, type Ending, type PrintedEvent, runToEnd } from "./processes.ts";

const SWARM = ["simulate", "gossip", "--swarm"];

/** Runs it for programs. */
async function simulate(line: string): Promise<Ending> {
  return await runToEnd([...SWARM, ...line.split(" "), "--json", "--quiet"]);
}

function only({ events }: Pick<Ending, "events">, kind: string): PrintedEvent {
  const found = events.filter(({ event }) => event === kind);
  assert.equal(found.length, 1, JSON.stringify(events));
  return found[0]!;
}

Deno.test("a campaign of gossip networks prints one object with all that happened", async () => {
  const ending = await simulate("--seed 5 --runs 15");
  assert.equal(ending.code, 0);
  assert.equal(ending.events.length, 1);
  const { protocol, seed, runs, violations, swarm, bug, faults, events, traceHash, residue } = only(
    ending,
    "simulation",
  );
  assert.deepEqual(
    [protocol, seed, runs, violations, swarm, bug],
    ["gossip", 5, 15, 0, true, null],
  );
  const happened = faults as Record<string, number>;
  for (const kind of ["lost", "duplicated", "cut", "crashed", "paused", "said", "heard", "told"]) {
    assert.ok(happened[kind]! > 0, kind);
  }
  assert.equal(residue, happened.unreached! / happened.toReach!);
  assert.ok(Number(events) > 10_000);
  assert.match(String(traceHash), /^[0-9a-f]{16}$/);
});

Deno.test("a campaign has the same hash again, and each seed alone has its hash within", async () => {
  const line = "--seed 40 --runs 3 --each";
  const [first, second] = await Promise.all([simulate(line), simulate(line)]);
  assert.equal(only(first, "simulation").traceHash, only(second, "simulation").traceHash);
  const runs = first.events.filter(({ event }) => event === "seed");
  assert.deepEqual(runs.map(({ seed }) => seed), [40, 41, 42]);
  const alone = only(await simulate("--seed 42"), "simulation");
  assert.equal(alone.traceHash, runs[2]!.traceHash);
});

for (const name of ["never-stops", "forgets-seen", "no-anti-entropy"]) {
  const { caughtBy } = GOSSIP_BUGS.get(name)!;
  Deno.test(`${name} is caught by ${caughtBy}, and its replay fails again`, async () => {
    const ending = await simulate(`--bug ${name} --seed 1`);
    assert.equal(ending.code, 3);
    const violation = ending.events.find(({ event, property }) =>
      event === "violation" && property === caughtBy
    );
    assert.ok(violation !== undefined, JSON.stringify(ending.events));
    const words = String(violation.replay).split(" ");
    assert.deepEqual(words.slice(0, 4), ["mpcomm", ...SWARM]);
    const again = await simulate(words.slice(4).join(" "));
    assert.equal(again.code, 3);
    assert.equal(only(again, "simulation").runs, 1);
    const same = again.events.find((event) =>
      event.event === "violation" && event.property === caughtBy
    );
    assert.deepEqual([same?.seed, same?.witness], [violation.seed, violation.witness]);
  });
}

Deno.test("a replay turns the knobs that were turned", async () => {
  const knobs = "--nodes 4 --mode push --stop coin --k 2 --fanout 2 --interval 150ms " +
    "--anti-entropy 700ms --probe-interval 400ms --keep-rumors 1000 --say-mean 1.5s --bursts 20% " +
    "--large 10% --loss 15% --calm-loss 2% --partitions 1 --crashes 2 --drift 0.5% --load 1s";
  const ending = await simulate(`--bug never-stops --seed 1 --plain --blind ${knobs}`);
  const violation = ending.events.find(({ event }) => event === "violation");
  assert.equal(
    violation?.replay,
    `mpcomm simulate gossip --swarm --seed ${violation?.seed} --bug never-stops --runs 1 --plain ` +
      `--blind ${knobs}`,
  );
});

Deno.test("without anti-entropy not everybody has everything, which nobody promised", async () => {
  const ending = await simulate("--seed 1 --plain --k 1 --fanout 1 --nodes 20 --anti-entropy off");
  assert.equal(ending.code, 0);
  const { promised, property } = only(ending, "violation");
  assert.deepEqual([promised, property], [false, "everywhere"]);
  const { notPromised, residue } = only(ending, "simulation");
  assert.deepEqual(notPromised, { everywhere: 1 });
  assert.ok(Number(residue) > 0.05);
});

Deno.test("people get a table, the witness as a sentence, and the command to repeat it", async () => {
  const { code, stdout } = await mpcomm([...SWARM, "--bug", "no-anti-entropy", "--seed", "1"]);
  assert.equal(code, 3);
  assert.match(
    stdout,
    /^seed \d+: everywhere is violated: in the end rumor \d+ .* a residue of [\d.]+ %\.$/m,
  );
  assert.match(stdout, /^ {2}mpcomm simulate gossip --swarm --seed \d+ --bug no-anti-entropy/m);
  assert.match(stdout, /^rumors said +[\d,]+$/m);
});

Deno.test("a world without faults says that it tested little", async () => {
  const { code, stdout } = await mpcomm([...SWARM, "--plain", "--seed", "1", "--nodes", "3"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing went wrong in this world, so little was tested/m);
});

Deno.test("--bug list explains each mistake in a sentence", async () => {
  const { events } = await simulate("--bug list");
  assert.deepEqual(events.map(({ name }) => name), [...GOSSIP_BUGS.keys()]);
  const { stdout } = await mpcomm([...SWARM, "--bug", "list"]);
  for (const { name, caughtBy, explanation } of GOSSIP_BUGS.values()) {
    assert.match(stdout, new RegExp(`^${name} +${caughtBy}$`, "m"));
    assert.ok(stdout.includes(`${name}: ${explanation}.`));
  }
});

const WRONG: readonly (readonly [line: string, complaint: string])[] = [
  ["--bug never-stop", '--bug: There is no mistake "never-stop": did you mean never-stops?'],
  ["--nodes 1", '--nodes: expected a whole number from 2 to 200, got "1"'],
  ["--k 1..3", '--k: expected a whole number from 1 to 1000, got "1..3"'],
  ["--delay-mean 2ms --delay-min 5ms", "--delay-mean: is below --delay-min"],
  ["--probe-timeout 2s --probe-interval 1s", "--probe-timeout: is above --probe-interval"],
  ["--feedback --blind", "--feedback and --blind cannot be used together"],
  ["--trials 5", "--swarm and --trials cannot be used together"],
];

for (const [line, complaint] of WRONG) {
  Deno.test(`simulate gossip --swarm ${line} is refused in one line`, async () => {
    const ending = await runToEnd([...SWARM, ...line.split(" ")]);
    assertRefused(ending, 2, `mpcomm simulate gossip: ${complaint}`);
  });
}

Deno.test("the knobs of a swarm need --swarm", async () => {
  const ending = await runToEnd(["simulate", "gossip", "--loss", "5%"]);
  assertRefused(ending, 2, "mpcomm simulate gossip: --swarm is missing");
});
