import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SqliteMessageLog } from "../../src/hosts/sqlite_message_log.ts";
import type { MemberRecord } from "../../src/protocols/persistent/message_log.ts";

const ADA: MemberRecord = {
  id: "ada",
  address: { host: "127.0.0.1", port: 4000 },
  state: "online",
  session: "ada-1",
  cursor: 3,
  offlineSince: null,
};

/** Runs a test with the path of a store that doesn't exist yet. */
function withStore(name: string, test: (path: string) => void): void {
  Deno.test(`the store: ${name}`, () => {
    const folder = Deno.makeTempDirSync();
    try {
      test(`${folder}/store.db`);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

function append(log: SqliteMessageLog, count: number, sizeBytes = 10): void {
  for (let i = 0; i < count; i++) {
    const seq = log.lastSeq + 1;
    const payload = new Uint8Array(sizeBytes).fill(seq);
    log.append({ seq, at: 1000 + 10 * seq, sender: "ada", payload }, `ada ${seq}`);
  }
}

function seqs(log: SqliteMessageLog, after: number, maxMessages = 1000, maxBytes = 1e9): number[] {
  return log.read(after, maxMessages, maxBytes).map(({ seq }) => seq);
}

function seqsFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

withStore("what is committed is there after it is opened again", (path) => {
  let name: string;
  {
    using log = SqliteMessageLog.open(path);
    name = log.store;
    append(log, 40);
    log.saveMember(ADA);
    log.saveMember({ ...ADA, id: "ben", state: "offline", offlineSince: 1234 });
    log.remember("ada x", 7, 1500);
    log.commit();
    log.removeMember("ben");
    log.saveMember({ ...ADA, cursor: 9 });
    log.commit();
  }
  using log = SqliteMessageLog.open(path);
  assert.equal(log.store, name);
  assert.equal(log.lastSeq, 40);
  assert.equal(log.lastAt, 1400);
  assert.deepEqual([...log.members()], [{ ...ADA, cursor: 9 }]);
  assert.equal(log.seqOfRequest("ada 17"), 17);
  assert.equal(log.seqOfRequest("ada x"), 7);
  assert.equal(log.seqOfRequest("ada 41"), undefined);
  const [first] = log.read(16, 1, 1000);
  assert.deepEqual({ ...first, payload: [...first!.payload] }, {
    seq: 17,
    at: 1170,
    sender: "ada",
    payload: new Array(10).fill(17),
  });
});

withStore("what is not committed can be read, and is gone after a crash", (path) => {
  {
    using log = SqliteMessageLog.open(path);
    append(log, 3);
    log.commit();
    append(log, 2);
    log.saveMember(ADA);
    assert.equal(log.lastSeq, 5);
    assert.equal(log.seqOfRequest("ada 5"), 5);
    assert.deepEqual(seqs(log, 3), [4, 5]);
    assert.deepEqual([...log.members()], [ADA]);
  }
  using log = SqliteMessageLog.open(path);
  assert.equal(log.lastSeq, 3);
  assert.equal(log.seqOfRequest("ada 5"), undefined);
  assert.deepEqual([...log.members()], []);
});

withStore("a read keeps to both limits and brings at least one message", (path) => {
  using log = SqliteMessageLog.open(path);
  append(log, 20, 100);
  log.commit();
  append(log, 5, 100);
  assert.deepEqual(seqs(log, 4, 3), [5, 6, 7]);
  assert.deepEqual(seqs(log, 4, 100, 250), [5, 6]);
  assert.deepEqual(seqs(log, 4, 100, 50), [5]);
  assert.deepEqual(seqs(log, 22, 2), [23, 24]);
  assert.deepEqual(seqs(log, 25), []);
  // Page by page, everything comes once.
  const all: number[] = [];
  for (let page = seqs(log, 0); page.length > 0; page = seqs(log, all.at(-1)!)) all.push(...page);
  assert.deepEqual(all, seqsFrom(1, 25));
});

withStore("members at the same place get the same array", (path) => {
  using log = SqliteMessageLog.open(path);
  append(log, 600);
  log.commit();
  assert.equal(log.read(0, 1000, 1e6), log.read(0, 1000, 1e6));
  const page = log.read(100, 1000, 1e6);
  assert.equal(page.at(-1)!.seq, 256, "who begins elsewhere ends where the others do");
  assert.equal(log.read(256, 1000, 1e6), log.read(page.at(-1)!.seq, 1000, 1e6));
  assert.deepEqual(seqs(log, 0, 3), [1, 2, 3], "a longer page that is kept doesn't fit");
});

withStore("the first message since a time, in the file and in the open batch", (path) => {
  using log = SqliteMessageLog.open(path);
  assert.equal(log.firstSince(0), 1);
  append(log, 30);
  log.commit();
  append(log, 5);
  for (const [at, seq] of [[0, 1], [1010, 1], [1011, 2], [1300, 30], [1301, 31], [1350, 35]]) {
    assert.equal(log.firstSince(at!), seq, `since ${at}`);
  }
  assert.equal(log.firstSince(1351), 36);
});

withStore("pruned messages and answers go away, and the numbers go on", (path) => {
  {
    using log = SqliteMessageLog.open(path);
    append(log, 1000, 2000);
    log.commit();
    log.prune(1000, 1000 + 10 * 900);
    while (log.clean());
    assert.equal(log.kept, 1, "the latest says where to go on");
    assert.equal(log.seqOfRequest("ada 899"), undefined);
    assert.equal(log.seqOfRequest("ada 900"), 900);
    assert.deepEqual(seqs(log, 0), [1000]);
    assert.equal(log.firstSince(0), 1000);
  }
  using log = SqliteMessageLog.open(path);
  assert.equal(log.lastSeq, 1000);
  assert.equal(log.seqOfRequest("ada 899"), undefined);
  assert.equal(log.seqOfRequest("ada 900"), 900);
  append(log, 1);
  log.commit();
  assert.deepEqual(seqs(log, 0, 10), [1000, 1001]);
});

withStore("pruning keeps pace with a constant stream, in a file that doesn't grow", (path) => {
  using log = SqliteMessageLog.open(path, { answersKept: 1024 });
  let sizeBytes = 0;
  for (let turn = 0; turn < 200; turn++) {
    append(log, 100, 500);
    log.commit();
    log.prune(log.lastSeq - 500, 0);
    if (turn === 40) sizeBytes = fileBytes(path);
  }
  assert.ok(log.kept < 1500, `${log.kept} messages are kept`);
  const laterBytes = fileBytes(path);
  assert.ok(laterBytes < 1.5 * sizeBytes, `${sizeBytes} bytes have become ${laterBytes}`);
  assert.equal(log.seqOfRequest(`ada ${log.lastSeq - 1000}`), log.lastSeq - 1000);
  assert.equal(log.seqOfRequest(`ada ${log.lastSeq - 2000}`), undefined);
});

withStore("a file that has become mostly empty is shortened", (path) => {
  {
    using log = SqliteMessageLog.open(path);
    for (let i = 0; i < 30; i++) {
      append(log, 1, 1_000_000);
      log.commit();
    }
    log.prune(29, 0);
    while (log.clean());
  }
  const { size } = Deno.statSync(path);
  assert.ok(size < 20_000_000, `${size} bytes are left`);
});

withStore("a second process is refused while the first one has it", (path) => {
  const log = SqliteMessageLog.open(path);
  append(log, 3);
  log.commit();
  assert.throws(() => SqliteMessageLog.open(path), /store\.db: another process uses this store$/);
  append(log, 1);
  log.commit();
  log.close();
  using next = SqliteMessageLog.open(path);
  assert.equal(next.lastSeq, 4);
});

withStore("fresh is empty and has another name", (path) => {
  let name: string;
  {
    using log = SqliteMessageLog.open(path);
    name = log.store;
    append(log, 3);
    log.saveMember(ADA);
    log.commit();
  }
  using log = SqliteMessageLog.open(path, { fresh: true });
  assert.notEqual(log.store, name);
  assert.equal(log.lastSeq, 0);
  assert.equal(log.seqOfRequest("ada 1"), undefined);
  assert.deepEqual([...log.members()], []);
});

for (
  const [what, make, reason] of [
    ["a text file", (path: string) => Deno.writeTextFileSync(path, "hello\n".repeat(100)), "not a"],
    ["a short file", (path: string) => Deno.writeTextFileSync(path, "x"), "not a"],
    ["a folder", (path: string) => Deno.mkdirSync(path), "not a file"],
    ["another program's database", makeForeign, "a database of another program"],
    ["a store of a later version", makeLater, "made by another version"],
    ["a store with a damaged page", makeDamaged, "the store is damaged"],
    ["a store that was cut off", makeTruncated, "the store is damaged"],
  ] as const
) {
  withStore(`${what} is refused and stays as it is`, (path) => {
    make(path);
    const before = what === "a folder" ? null : Deno.readFileSync(path);
    for (const fresh of [false, true]) {
      assert.throws(() => SqliteMessageLog.open(path, { fresh }), (error: Error) => {
        assert.ok(error.message.includes(`store.db: ${reason}`), error.message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    }
    if (before !== null) assert.deepEqual(Deno.readFileSync(path), before);
    assert.equal([...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))].length, 1);
  });
}

withStore("a store in a folder that isn't there is refused", (path) => {
  assert.throws(
    () => SqliteMessageLog.open(`${path}/x/y.db`),
    /y\.db: no such file or folder$/,
  );
});

Deno.test("the store: one in memory works alike, beside others", () => {
  using log = SqliteMessageLog.open(":memory:");
  using other = SqliteMessageLog.open(":memory:");
  append(log, 3);
  log.commit();
  assert.equal(log.lastSeq, 3);
  assert.equal(other.lastSeq, 0);
});

function makeForeign(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE cookies (name TEXT); INSERT INTO cookies VALUES ('chocolate')");
  db.close();
}

function makeLater(path: string): void {
  SqliteMessageLog.open(path).close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 2");
  db.close();
}

function makeFull(path: string): Uint8Array {
  {
    using log = SqliteMessageLog.open(path);
    append(log, 200, 1000);
    log.commit();
  }
  return Deno.readFileSync(path);
}

function makeDamaged(path: string): void {
  const bytes = makeFull(path);
  bytes.fill(0xaa, 4096 * 5, 4096 * 40);
  Deno.writeFileSync(path, bytes);
}

function makeTruncated(path: string): void {
  Deno.writeFileSync(path, makeFull(path).subarray(0, 4096 * 10));
}

/** With what stands in the write-ahead log. */
function fileBytes(path: string): number {
  return Deno.statSync(path).size + Deno.statSync(`${path}-wal`).size;
}
