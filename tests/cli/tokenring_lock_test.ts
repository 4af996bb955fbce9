import assert from "node:assert/strict";
import { ProcessTag, RunningProcess } from "./processes.ts";
import { inRing, Ring, tell } from "./rings.ts";
import { lockAtOnce } from "./ring_storm.ts";

/** `lock -- COMMAND` needs process groups. */
const options = { ignore: Deno.build.os === "windows" };

/** Prints its fencing number, and then waits for the end of its input. */
const HOLD = ["sh", "-c", 'echo "$MPCOMM_FENCE"; exec cat'];

Deno.test(
  "lock runs a command through the node that runs, and gives back its exit code",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const [a] = await ring.startAll() as [RunningProcess];
    const script = 'echo "$MPCOMM_FENCE $@"; exit 7';
    const first = await ring.runLocked("a", [], [
      "sh",
      "-c",
      script,
      "sh",
      "-l",
      "--name",
      "--",
      "x",
    ]);
    assert.equal(first.stderr, "");
    assert.match(first.stdout, /^\d+ -l --name -- x\n$/);
    assert.equal(first.code, 7);
    const second = await ring.runLocked("b", [], ["sh", "-c", 'echo "$MPCOMM_FENCE"; kill -9 $$']);
    assert.equal(second.code, 137);
    assert.ok(parseInt(second.stdout) > parseInt(first.stdout));
    assert.ok(a.events("holder").length > 0, "it was this ring's lock");
  },
);

Deno.test(
  "lock without a node joins the ring, makes the token if there is none, and leaves",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const both = await Promise.all(
      ["a", "b"].map((name) => ring.runLocked(name, [], ["sh", "-c", 'echo "$MPCOMM_FENCE"'])),
    );
    for (const { code, stderr } of both) {
      assert.equal(stderr, "");
      assert.equal(code, 0);
    }
    assert.notEqual(both[0]!.stdout, both[1]!.stdout);
  },
);

Deno.test(
  "several locks of one name without a node: one is the node of all, and all are served",
  options,
  async () => {
    await using ring = await Ring.of("a");
    const script = ["sh", "-c", 'echo "$MPCOMM_FENCE"'];
    const all = await Promise.all([1, 2, 3, 4].map(() => ring.runLocked("a", [], script)));
    for (const { code, stderr } of all) assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(new Set(all.map(({ stdout }) => stdout)).size, 4);
  },
);

Deno.test("--try and --timeout give up, with exit codes of their own", options, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a] = await ring.startAll() as [RunningProcess];
  await tell(a, "lock");
  const { fence } = await a.event("locked");
  for (const name of ["a", "b"]) {
    const tried = await ring.runLocked(name, ["--try"], ["echo", "never"]);
    assert.equal(tried.stderr, `mpcomm tokenring: a has the lock (fence ${fence})\n`);
    assert.deepEqual([tried.code, tried.stdout], [75, ""]);
    const late = await ring.runLocked(name, ["--timeout", "200ms"], ["echo", "never"]);
    assert.match(late.stderr, /^mpcomm tokenring: the lock did not come in time[^\n]*\n$/);
    assert.deepEqual([late.code, late.stdout], [124, ""]);
  }
  await tell(a, "unlock");
  for (const name of ["a", "b"]) {
    assert.equal((await ring.runLocked(name, ["--try"], ["true"])).code, 0);
  }
});

Deno.test(
  "a command that isn't there is found out before the lock is waited for",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const missing = await ring.runLocked("a", [], ["no-such-command"]);
    assert.equal(missing.stderr, "mpcomm tokenring: Command not found: no-such-command\n");
    assert.equal(missing.code, 127);
    const unfit = await ring.runLocked("a", [], [ring.file]);
    assert.equal(unfit.code, 126);
  },
);

Deno.test("a command whose interpreter is missing fails as in a shell", options, async () => {
  await using ring = await Ring.of("a");
  const script = `${ring.file}.sh`;
  await Deno.writeTextFile(script, "#!/no/such/interpreter\n");
  await Deno.chmod(script, 0o755);
  const { code, stderr } = await ring.runLocked("a", [], [script]);
  assert.match(stderr, /names an interpreter that is missing\n$/);
  assert.equal(code, 127);
});

Deno.test("a signal ends the waiting, and reaches the command that runs", options, async () => {
  await using ring = await Ring.of("a", "b", "c");
  await ring.startAll();
  const holder = ring.lock("a", [], [
    "sh",
    "-c",
    'trap "echo caught; exit 9" TERM; echo on; while :; do sleep 0.05; done',
  ]);
  await holder.output(/on/);
  const waiter = ring.lock("b", [], ["echo", "never"]);
  const third = ring.lock("c", [], HOLD);
  // Who waits can only be seen at the node: it is told there that the lock is busy.
  await untilWaiting(ring, "b");
  waiter.kill("SIGINT");
  const ended = await waiter.end();
  assert.deepEqual([ended.code, ended.stdout], [130, ""]);
  holder.kill("SIGTERM");
  const { code, stdout } = await holder.end();
  assert.deepEqual([code, stdout], [9, "on\ncaught\n"]);
  await third.output(/\d+/);
  await third.closeInput();
  assert.equal((await third.end()).code, 0);
});

Deno.test(
  "kill -9 of mpcomm ends its command, and only then is the lock for others",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    await ring.startAll();
    for (const name of ["a", "b"]) {
      const tag = new ProcessTag();
      const holder = RunningProcess.start(
        ring.words(name, "lock", "--", "sh", "-c", "echo on; exec sleep 60"),
        {
          env: { ...ring.env, ...tag.env },
        },
      );
      await using _holder = holder;
      await holder.output(/on/);
      holder.kill("SIGKILL");
      const next = await ring.runLocked("c", [], ["true"]);
      assert.equal(next.code, 0);
      assert.deepEqual(await tag.processes(), []);
    }
  },
);

Deno.test(
  "a holder that is stopped for longer than its lease has its command ended",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const [a] = await ring.startAll() as [RunningProcess];
    const tag = new ProcessTag();
    const holder = RunningProcess.start(
      ring.words("a", "lock", "--", "sh", "-c", "echo on; exec sleep 60"),
      {
        env: { ...ring.env, ...tag.env },
      },
    );
    await using _holder = holder;
    await holder.output(/on/);
    holder.kill("SIGSTOP");
    const next = await ring.runLocked("b", [], ["true"]);
    assert.equal(next.code, 0);
    holder.kill("SIGCONT");
    const ended = await holder.end();
    assert.equal(ended.code, 76);
    assert.match(ended.stderr, /the lock was lost while the command ran/);
    await a.event("holder", ({ name }) => name === null);
  },
);

Deno.test(
  "kill -9 of the node through which a command has the lock ends the command in time",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const [a] = await ring.startAll() as [RunningProcess];
    const holder = ring.lock("a", [], ["sh", "-c", "echo on; exec sleep 60"]);
    await holder.output(/on/);
    a.kill("SIGKILL");
    assert.equal((await ring.runLocked("b", [], ["true"])).code, 0);
    assert.equal((await holder.end()).code, 76);
  },
);

Deno.test("who waits through a node that ends waits on by itself", options, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a, b] = await ring.startAll() as [RunningProcess, RunningProcess];
  await tell(b, "lock");
  await b.event("locked");
  const waiter = ring.lock("a", [], ["sh", "-c", 'echo "$MPCOMM_FENCE"']);
  await untilWaiting(ring, "a");
  await tell(a, "quit");
  assert.equal((await a.end()).code, 0);
  await tell(b, "unlock");
  const { code, stderr } = await waiter.end();
  assert.deepEqual([code, stderr], [0, ""]);
});

Deno.test("status tells what the node knows", options, async () => {
  await using ring = await Ring.of("a", "b", "c");
  const [a] = await ring.startAll() as [RunningProcess];
  await tell(a, "lock");
  const { fence } = await a.event("locked");
  const asked = RunningProcess.start(ring.words("a", "status", "--json"), { env: ring.env });
  await using _asked = asked;
  const { holder, machines, hasQuorum, ...rest } = await asked.event("status");
  assert.deepEqual([holder, rest.fence, machines, hasQuorum], ["a", fence, 3, true]);
  a.kill("SIGKILL");
  await a.end();
  const again = await ring.runLocked("a", [], ["true"]);
  assert.equal(again.code, 0, again.stderr);
  const none = RunningProcess.start(ring.words("a", "status"), { env: ring.env });
  await using _none = none;
  const { code, stderr } = await none.end();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^mpcomm tokenring: No node of a token ring at 127\.0\.0\.1:\d+ \(connection refused\)\n$/,
  );
});

// `deno task test:ring` does it 200 times each, and then kills, stops and restarts for two minutes.
Deno.test("five nodes at once, each several times: no inner flock fails", options, async () => {
  const { sections } = await lockAtOnce(4);
  assert.equal(sections, 20);
});

Deno.test(
  "a node that comes back waits for what it promised before it was killed",
  options,
  async () => {
    await using ring = await Ring.of("a", "b", "c");
    const [a, b] = await ring.startAll() as [RunningProcess, RunningProcess];
    a.kill("SIGKILL");
    await a.end();
    const again = ring.start("a");
    await inRing(again, ring.names);
    await tell(b, "lock");
    await b.event("locked");
  },
);

/** Resolves when somebody waits at a node. */
async function untilWaiting(ring: Ring, name: string): Promise<void> {
  for (;;) {
    await using asked = RunningProcess.start(ring.words(name, "status", "--json"), {
      env: ring.env,
    });
    if (Number((await asked.event("status")).waiting) > 0) return;
  }
}
