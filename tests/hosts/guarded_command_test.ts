import assert from "node:assert/strict";
import { CommandError } from "../../src/hosts/find_command.ts";
import { GuardedCommand } from "../../src/hosts/guarded_command.ts";
import { GuardedProcess } from "./guarded_process.ts";
import { Lateness } from "./lateness.ts";

const NOT_WINDOWS = Deno.build.os !== "windows";

/** Lives until it is killed, and says by the system's clock that it does. Linux has such a clock. */
const TICKS = "while read up idle </proc/uptime; do echo $up >&9; sleep 0.02; done";

/** For how long a script with {@linkcode TICKS} has lived, in milliseconds. */
function lifeMs(ticks: string): number {
  const times = ticks.split("\n").filter((line) => /^\d/.test(line)).map(Number);
  return 1000 * (times.at(-1)! - times[0]!);
}

function test(name: string, fn: () => Promise<void>, isLinux = false): void {
  Deno.test({ name, fn, ignore: isLinux ? Deno.build.os !== "linux" : !NOT_WINDOWS });
}

test("the command has the fencing number, stdin, and its exit code", async () => {
  await using run = await GuardedProcess.run('read word; echo "$word $MPCOMM_FENCE"; exit 42');
  await run.type("fence\n");
  const { code, stdout, ended } = await run.end();
  assert.match(stdout, /^fence 7000000042$/m);
  assert.equal(code, 42);
  assert.deepEqual(ended, { event: "ended", code: 42, signal: null, wasEnded: null });
});

test("a command that dies of a signal has 128 and its number", async () => {
  await using run = await GuardedProcess.run("kill -9 $$");
  const { code, ended } = await run.end();
  assert.equal(code, 137);
  assert.deepEqual(ended, { event: "ended", code: 137, signal: "SIGKILL", wasEnded: null });
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  const name = signal.slice("SIG".length);
  test(`${signal} is passed on to the whole group, once`, async () => {
    // Below is in the foreground: a shell shields from Ctrl-C what it runs in the background.
    const below = `trap "echo below >&9; exit" ${name}; echo ready >&9; ` +
      "while :; do sleep 0.05; done";
    await using run = await GuardedProcess.run(
      `trap "echo above >&9" ${name}; sh -c '${below}'; read x; exit 3`,
    );
    await run.witness.matches(/ready/);
    await run.kill(signal);
    await run.witness.matches(/below/);
    await run.witness.matches(/above/);
    await run.type("end\n");
    assert.equal((await run.end()).code, 3);
    assert.deepEqual((await run.witness.end()).split("\n").toSorted(), [
      ...["", "above", "below", "ready"],
    ]);
  });
}

test("kill -9 of the parent ends the command and all below it, deaf ones too", async () => {
  await using run = await GuardedProcess.run(
    '(trap "" TERM; while :; do sleep 0.05; done) & ' +
      'trap "echo asked >&9; exit" TERM; echo ready >&9; while :; do sleep 0.05; done',
  );
  await run.witness.matches(/ready/);
  await run.kill("SIGKILL");
  const killedAt = performance.now();
  assert.equal(await run.witness.end(), "ready\nasked\n");
  // Half a second of it is theirs. The bound is wide since this machine may be busy.
  assert.ok(performance.now() - killedAt < 5000);
});

test("a parent that is stopped can't keep the command beyond its lease", async () => {
  const leaseMs = 2000;
  using lateness = new Lateness();
  await using run = await GuardedProcess.run(`trap "echo asked >&9" TERM; ${TICKS}`, {
    leaseMs,
    everyMs: 0,
  });
  await run.witness.matches(/^\d/);
  await run.kill("SIGSTOP");
  const witness = await run.witness.end();
  assert.match(witness, /asked/);
  const { toleratedMs } = lateness;
  const latestMs = leaseMs - 50 + toleratedMs;
  assert.ok(lifeMs(witness) < latestMs, `${lifeMs(witness)} ms, of ${latestMs} ms`);
  await run.kill("SIGCONT");
  const { code, ended } = await run.end();
  assert.equal(code, 137);
  assert.deepEqual(ended, { event: "ended", code: 137, signal: "SIGKILL", wasEnded: "lease" });
}, true);

test("a command without an extension may end by itself when it is asked to", async () => {
  await using run = await GuardedProcess.run(
    'trap "echo asked >&9; exit 5" TERM; while :; do sleep 0.02; done',
    { leaseMs: 1500, everyMs: 0 },
  );
  const { code, ended } = await run.end();
  assert.equal(code, 5);
  assert.deepEqual(ended, { event: "ended", code: 5, signal: null, wasEnded: "lease" });
  assert.equal(await run.witness.end(), "asked\n");
});

test("extensions keep the command alive", async () => {
  await using run = await GuardedProcess.run("sleep 5; echo done >&9", {
    leaseMs: 3000,
    everyMs: 500,
  });
  assert.equal((await run.end()).code, 0);
  assert.equal(await run.witness.end(), "done\n");
});

test("kill -9 of the guard ends the command", async () => {
  await using run = await GuardedProcess.run(
    'trap "" TERM; echo guard $PPID >&9; while :; do sleep 0.05; done',
  );
  const [, guard] = await run.witness.matches(/guard (\d+)\n/);
  Deno.kill(Number(guard), "SIGKILL");
  const { code, ended } = await run.end();
  assert.equal(code, 137);
  assert.deepEqual(ended, { event: "ended", code: 137, signal: "SIGKILL", wasEnded: "guard" });
  await run.witness.end();
});

test("a guard that is stopped can't keep the command beyond its lease", async () => {
  const leaseMs = 2000;
  using lateness = new Lateness();
  await using run = await GuardedProcess.run(`echo guard $PPID >&9; ${TICKS}`, {
    leaseMs,
    everyMs: 0,
  });
  const [, guard] = await run.witness.matches(/guard (\d+)\n/);
  Deno.kill(Number(guard), "SIGSTOP");
  const { ended } = await run.end();
  assert.deepEqual(ended, { event: "ended", code: 137, signal: "SIGKILL", wasEnded: "lease" });
  const livedMs = lifeMs(await run.witness.end());
  const { toleratedMs } = lateness;
  assert.ok(livedMs < leaseMs + toleratedMs, `${livedMs} ms, with ${toleratedMs} ms tolerated`);
}, true);

test("a command that kills its whole group takes the guard along, and that is its end", async () => {
  await using run = await GuardedProcess.run("kill -9 0");
  assert.equal((await run.end()).code, 137);
  await run.witness.end();
});

test("the guard outlives what a command sends to its group", async () => {
  await using run = await GuardedProcess.run(
    'trap "" HUP INT QUIT TERM USR1; for each in HUP INT QUIT TERM USR1; do kill -$each 0; done; exit 6',
  );
  const { code, ended } = await run.end();
  assert.equal(code, 6);
  assert.deepEqual(ended, { event: "ended", code: 6, signal: null, wasEnded: null });
});

test("what a command leaves in its group has ended before the end is told", async () => {
  await using run = await GuardedProcess.run(
    '(trap "" TERM; echo ready >&9; while :; do sleep 0.05; done) & read x; exit 7',
  );
  await run.witness.matches(/ready/);
  await run.type("end\n");
  await run.stdout.matches(/"ended"/);
  assert.equal((await run.end()).code, 7);
  await run.witness.end();
});

test("who has made a session of its own ends with the command that waits for it", async () => {
  await using run = await GuardedProcess.run(
    "setsid sh -c 'echo ready >&9; while :; do sleep 0.05; done'; echo survived >&9",
  );
  await run.witness.matches(/ready/);
  await run.kill("SIGKILL");
  assert.equal(await run.witness.end(), "ready\n");
}, true);

test("a command that is not there or can't be run says so before the lock is asked for", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const missing = `${folder}/missing`;
    const cases = [
      ["no-such-command-anywhere", 127, /^Command not found: no-such-command-anywhere$/],
      [missing, 127, /^Command not found: /],
      [folder, 126, /it is a folder$/],
    ] as const;
    for (const [command, exitCode, message] of cases) {
      await assert.rejects(GuardedCommand.prepare({ command, args: [] }), (error) => {
        assert.ok(error instanceof CommandError);
        assert.equal(error.exitCode, exitCode);
        assert.match(error.message, message);
        return true;
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a command whose interpreter is missing could not be started", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const command = `${folder}/script`;
    await Deno.writeTextFile(command, "#!/no/such/interpreter\n", { mode: 0o755 });
    const guarded = await GuardedCommand.prepare({ command, args: [] });
    guarded.start({ fence: 1, remainingMs: 10_000 });
    await assert.rejects(guarded.ended, (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, 127);
      return true;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a command that is not needed any more leaves no guard behind", async () => {
  const guarded = await GuardedCommand.prepare({ command: "sh", args: ["-c", "exit 1"] });
  guarded.signal("SIGTERM"); // Nobody is there yet whom it could reach.
  await guarded.abandon();
});

test("a command that is abandoned while it runs is ended", async () => {
  const guarded = await GuardedCommand.prepare({ command: "sleep", args: ["1000"] });
  guarded.start({ fence: 1, remainingMs: 60_000 });
  await guarded.abandon();
  assert.notEqual((await guarded.ended).code, 0);
});

test("a lease that is over when the grant is heard of runs nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const args = ["-c", `touch ${folder}/ran`];
    const guarded = await GuardedCommand.prepare({ command: "sh", args });
    const countedFrom = performance.now() - 1500;
    guarded.start({ fence: 1, remainingMs: 1400, countedFrom });
    assert.equal((await guarded.ended).wasEnded, "lease");
    await assert.rejects(Deno.stat(`${folder}/ran`), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("a signal that comes with the grant reaches the command", async () => {
  const guarded = await GuardedCommand.prepare({ command: "sleep", args: ["1000"] });
  guarded.start({ fence: 1, remainingMs: 60_000 });
  guarded.signal("SIGTERM");
  assert.deepEqual(await guarded.ended, { code: 143, signal: "SIGTERM", wasEnded: null });
});

const onTerminal = { onTerminal: true, leaseMs: 10_000, everyMs: 1000 };

test("on a terminal the command is in the foreground, and reads", async () => {
  await using run = await GuardedProcess.run(
    'read stat </proc/$$/stat; set -- $stat; echo "$5 $8" >&9; read word; echo "got $word"; exit 8',
    onTerminal,
  );
  const [, group, foreground] = await run.witness.matches(/(\d+) (\d+)\n/);
  assert.equal(group, foreground);
  await run.type("something\n");
  const { code, stdout } = await run.end();
  assert.equal(code, 8);
  assert.match(stdout, /got something/);
}, true);

test("Ctrl-C on a terminal reaches the command once", async () => {
  await using run = await GuardedProcess.run(
    "trap 'echo interrupted >&9' INT; echo ready >&9; until read word; do :; done; exit 9",
    onTerminal,
  );
  await run.witness.matches(/ready/);
  await run.type("\x03");
  await run.witness.matches(/interrupted/);
  await run.type("end\n");
  assert.equal((await run.end()).code, 9);
  assert.equal(await run.witness.end(), "ready\ninterrupted\n");
}, true);

test("Ctrl-Z on a terminal doesn't stop who has the lock", async () => {
  await using run = await GuardedProcess.run(
    "trap 'echo continued >&9; exit 4' CONT; echo ready >&9; while :; do sleep 0.05; done",
    onTerminal,
  );
  await run.witness.matches(/ready/);
  await run.type("\x1a");
  assert.equal((await run.end()).code, 4);
  assert.equal(await run.witness.end(), "ready\ncontinued\n");
}, true);

test("kill -9 of the parent ends an interactive shell and what runs in it", async () => {
  await using run = await GuardedProcess.run("exec bash --norc --noprofile -i", onTerminal);
  await run.type("(trap '' TERM; echo ready >&9; while :; do sleep 0.05; done)\n");
  await run.witness.matches(/ready/);
  await run.kill("SIGKILL");
  assert.equal(await run.witness.end(), "ready\n");
}, true);
