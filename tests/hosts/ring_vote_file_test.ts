import assert from "node:assert/strict";
import { defaultVotePath, RingVoteFile, VoteFileError } from "../../src/hosts/ring_vote_file.ts";

const OWNER = { ring: "0123456789abcdef", node: "a", leaseMs: 1500 };

/** Runs with a path in a folder of its own. */
async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-vote-" });
  try {
    await test(`${folder}/deep/vote.json`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the first process of a node has voted for nobody, and owes nobody anything", async () => {
  await inFolder(async (path) => {
    const file = await RingVoteFile.open(path, OWNER);
    assert.deepEqual(file.vote, { epoch: 0, candidate: 0 });
    assert.equal(file.quarantineMs, 0);
  });
});

Deno.test("a vote outlives the process that cast it, killed or not", async () => {
  await inFolder(async (path) => {
    const first = await RingVoteFile.open(path, OWNER);
    first.store({ epoch: 3, candidate: 2 });
    assert.deepEqual(first.vote, { epoch: 3, candidate: 2 });
    const second = await RingVoteFile.open(path, OWNER);
    assert.deepEqual(second.vote, { epoch: 3, candidate: 2 });
    second.end(0);
    assert.deepEqual((await RingVoteFile.open(path, OWNER)).vote, { epoch: 3, candidate: 2 });
  });
});

Deno.test("after a process without a goodbye, support may still run for a whole lease", async () => {
  await inFolder(async (path) => {
    await RingVoteFile.open(path, OWNER);
    assert.equal((await RingVoteFile.open(path, OWNER)).quarantineMs, 1500);
  });
});

Deno.test("after a goodbye, it is over when its end is past by the machine's clock", async () => {
  await inFolder(async (path) => {
    let uptime = 1000;
    const open = (leaseMs = 1500) => RingVoteFile.open(path, { ...OWNER, leaseMs }, () => uptime);
    (await open()).end(700); // Over at 1001.7 at the latest: the clock counts whole seconds.
    uptime = 1001;
    assert.equal((await open()).quarantineMs, 1500);

    (await open()).end(700);
    uptime = 1004;
    assert.equal((await open()).quarantineMs, 0);

    // Its own process says nothing of an end: that of one before doesn't count any more.
    assert.equal((await open()).quarantineMs, 1500);

    (await open()).end(-5000); // Over long ago.
    uptime = 1005;
    assert.equal((await open()).quarantineMs, 0);
  });
});

Deno.test("a machine that was started again counts from 0: nothing is over that may last", async () => {
  await inFolder(async (path) => {
    let uptime = 1000;
    const open = () => RingVoteFile.open(path, OWNER, () => uptime);
    (await open()).end(700);
    uptime = 5;
    assert.equal((await open()).quarantineMs, 1500);
  });
});

Deno.test("who promised for longer than the next process would is waited for, though that is killed too", async () => {
  await inFolder(async (path) => {
    const open = (leaseMs: number) => RingVoteFile.open(path, { ...OWNER, leaseMs });
    await open(9000);
    assert.equal((await open(1500)).quarantineMs, 9000);
    assert.equal((await open(1500)).quarantineMs, 9000);
    assert.equal((await open(20_000)).quarantineMs, 20_000);
  });
});

Deno.test("the file of another node or ring is refused, and left as it is", async () => {
  await inFolder(async (path) => {
    (await RingVoteFile.open(path, OWNER)).store({ epoch: 7, candidate: 1 });
    const before = await Deno.readTextFile(path);
    await assert.rejects(
      RingVoteFile.open(path, { ...OWNER, node: "b" }),
      new VoteFileError(`${path}: it is the state of a`),
    );
    await assert.rejects(
      RingVoteFile.open(path, { ...OWNER, ring: "fedcba9876543210" }),
      new VoteFileError(`${path}: it belongs to another machines file`),
    );
    assert.equal(await Deno.readTextFile(path), before);
  });
});

Deno.test("a damaged file is refused, whatever is missing in it", async () => {
  await inFolder(async (path) => {
    (await RingVoteFile.open(path, OWNER)).store({ epoch: 7, candidate: 1 });
    const contents = JSON.parse(await Deno.readTextFile(path));
    const damaged: string[] = ["", "\n", "null", "[]", "7", '{"', "\u0000", " ".repeat(5000)];
    for (const field of ["format", "ring", "node", "epoch", "candidate", "leaseMs"]) {
      damaged.push(JSON.stringify({ ...contents, [field]: undefined }));
      damaged.push(JSON.stringify({ ...contents, [field]: -1 }));
    }
    for (const text of damaged) {
      await Deno.writeTextFile(path, text);
      await assert.rejects(RingVoteFile.open(path, OWNER), VoteFileError, text);
      assert.equal(await Deno.readTextFile(path), text);
    }
  });
});

Deno.test("what can't be read or written is told in one line", async () => {
  await inFolder(async (path) => {
    await Deno.mkdir(path, { recursive: true });
    await assert.rejects(RingVoteFile.open(path, OWNER), VoteFileError);
    await Deno.writeTextFile(`${path}/file`, "");
    await assert.rejects(RingVoteFile.open(`${path}/file/vote.json`, OWNER), VoteFileError);
  });
});

Deno.test("a draft that a loss of power has left doesn't count", async () => {
  await inFolder(async (path) => {
    (await RingVoteFile.open(path, OWNER)).store({ epoch: 7, candidate: 1 });
    await Deno.writeTextFile(path.replace("vote.json", ".vote.json.new"), "{");
    assert.equal((await RingVoteFile.open(path, OWNER)).vote.epoch, 7);
  });
});

Deno.test("the usual place is below the folder for the state of programs", () => {
  const path = defaultVotePath("0123", "a:b");
  assert.ok(path === null || /mpcomm.tokenring.0123-a%3Ab\.json$/.test(path), String(path));
});
