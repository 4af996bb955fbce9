import assert from "node:assert/strict";
import { ChatGenerator } from "../../src/cli/chat_generator.ts";
import { Random } from "../../src/protocols/random.ts";
import { VirtualClock } from "../hosts/virtual_clock.ts";

/** What a generator says in so much virtual time, and when. */
function generate(seed: number, perSecond: number, ms: number) {
  const clock = new VirtualClock();
  const said: { at: number; line: string }[] = [];
  const generator = new ChatGenerator(
    new Random(seed),
    (line) => said.push({ at: clock.now(), line }),
    clock,
  );
  generator.start(perSecond);
  clock.pass(ms);
  return { clock, generator, said };
}

Deno.test("lines come at the rate that was asked for, with exponential pauses", () => {
  const { said } = generate(1, 20, 1_000_000);
  // Poisson: 20,000 with a standard deviation of 141.
  assert.ok(Math.abs(said.length - 20_000) < 5 * 141, `${said.length} lines`);
  const pauses = said.slice(1).map(({ at }, i) => at - said[i]!.at);
  // Of an exponential distribution, a share of 1/e is longer than the mean, and e^-3 than thrice.
  const longer = (ms: number) => pauses.filter((pause) => pause > ms).length / pauses.length;
  assert.ok(Math.abs(longer(50) - Math.exp(-1)) < 0.02, `${longer(50)}`);
  assert.ok(Math.abs(longer(150) - Math.exp(-3)) < 0.01, `${longer(150)}`);
});

Deno.test("a seed says the same lines at the same times, another one others", () => {
  const { said } = generate(7, 2, 60_000);
  assert.deepEqual(generate(7, 2, 60_000).said, said);
  assert.notDeepEqual(generate(8, 2, 60_000).said, said);
  assert.ok(said.length > 50);
  for (const { line } of said) assert.match(line, /^[a-z]+( [a-z]+){0,4}$/);
});

Deno.test("a generator stops at once, and can start again", () => {
  const { clock, generator, said } = generate(1, 10, 5000);
  const before = said.length;
  generator.stop();
  assert.ok(!generator.isRunning);
  clock.settle();
  assert.equal(said.length, before);
  generator.start(10);
  generator.start(1000); // It runs already.
  clock.pass(10_000);
  assert.ok(said.length > before + 50 && said.length < before + 200, `${said.length - before}`);
  assert.equal(clock.pending, 1);
});

Deno.test("what a sleeping machine has missed is not made up for", () => {
  const { clock, said } = generate(1, 10, 5000);
  clock.timerErrorMs = 3_600_000;
  clock.pass(2000); // The timer that was started in it fires an hour late.
  clock.timerErrorMs = 0;
  const before = said.length;
  clock.pass(3_602_000);
  const after = said.length - before;
  assert.ok(after >= 1 && after < 100, `${after} lines of the 36,000 of an hour`);
  clock.pass(100_000);
  assert.ok(said.length - before - after > 500, "it goes on");
});

Deno.test("a slow timer doesn't lower the rate", () => {
  const clock = new VirtualClock();
  clock.timerErrorMs = 40;
  let lines = 0;
  const generator = new ChatGenerator(new Random(3), () => lines++, clock);
  generator.start(20);
  clock.pass(100_000);
  assert.ok(Math.abs(lines - 2000) < 5 * 45, `${lines} lines`);
});
