import assert from "node:assert/strict";
import { Journal } from "../../src/history/journal.ts";
import type { RunFacts } from "../../src/history/run_facts.ts";
import { readRuns, writeRun } from "../../src/hosts/log_directory.ts";

const FACTS: RunFacts = {
  processes: 3,
  incomplete: new Set([2]),
  latencyOf: "last-delivery",
  metadata: { seed: 7 },
};

function journalOf(process: number, seqs: number[]): Journal {
  const journal = new Journal(process);
  if (process === 0) { for (const seq of seqs) journal.multicast(seq, seq, 1000 + seq, 64); }
  for (const seq of seqs) journal.deliver(0, seq, seq + 1, 2000.5 + seq);
  return journal;
}

async function inFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const LINE = (process: number, seq = 1) =>
  `{"event":"deliver","process":${process},"sender":0,"seq":${seq}}\n`;

Deno.test("runs come back as they were written, one folder an order", () =>
  inFolder(async (dir) => {
    const journals = [journalOf(0, [1, 2]), journalOf(1, [1]), journalOf(2, [])];
    await writeRun(dir, "lamport", journals, FACTS);
    const folder = await writeRun(dir, "none", journals.slice(0, 2), FACTS);
    assert.equal(folder, `${dir}/none`);
    const [none, lamport] = await readRuns(dir);
    assert.deepEqual([none!.order, lamport!.order], ["none", "lamport"]);
    assert.deepEqual([...none!.run.journals.keys()], [0, 1]);
    assert.deepEqual([...none!.run.incomplete], [2]);
    const { run, metadata, latencyOf, problems } = lamport!;
    assert.deepEqual([run.processes, latencyOf, problems], [3, "last-delivery", []]);
    assert.deepEqual(metadata, { seed: 7 });
    for (const journal of journals) {
      assert.deepEqual(run.journals.get(journal.process)!.columns(), journal.columns());
    }
  }));

Deno.test("a smaller run leaves nothing of the larger one before it, and other files alone", () =>
  inFolder(async (dir) => {
    await writeRun(dir, "none", [0, 1, 2].map((p) => journalOf(p, [1])), FACTS);
    await Deno.writeTextFile(`${dir}/none/notes.txt`, "mine");
    await writeRun(dir, "none", [journalOf(0, [1])], {
      ...FACTS,
      processes: 1,
      incomplete: new Set(),
    });
    const names = [...Deno.readDirSync(`${dir}/none`)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["0.jsonl", "notes.txt", "run.json"]);
  }));

Deno.test("a folder's own logs are one run of the order given, whatever their names", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/berlin.jsonl`, LINE(1));
    await Deno.writeTextFile(`${dir}/7.jsonl`, LINE(0));
    await Deno.mkdir(`${dir}/none`);
    await Deno.writeTextFile(`${dir}/none/0.jsonl`, LINE(0));
    const runs = await readRuns(dir, "fifo");
    assert.equal(runs.length, 1);
    assert.equal(runs[0]!.order, "fifo");
    assert.deepEqual([...runs[0]!.run.journals.keys()].sort(), [0, 1]);
    assert.equal((await readRuns(dir))[0]!.order, "lamport");
  }));

Deno.test("without run.json the highest number seen is the last process, and all logs are complete", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(
      `${dir}/0.jsonl`,
      '{"event":"deliver","sender":3,"seq":1}\n{"event":"deliver","sender":0,"seq":1}\n',
    );
    await Deno.writeTextFile(`${dir}/1.jsonl`, "");
    const [{ run, latencyOf, damaged }] = await readRuns(dir) as [never];
    assert.equal((run as { processes: number }).processes, 4);
    assert.deepEqual([...(run as { incomplete: Set<number> }).incomplete], [2, 3]);
    assert.equal(latencyOf, "own-delivery");
    assert.equal((damaged as Set<number>).size, 0);
  }));

Deno.test("a damaged log is read, and its process is damaged and incomplete", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/0.jsonl`, LINE(0) + "??\n" + LINE(0, 2));
    await Deno.writeTextFile(`${dir}/1.jsonl`, LINE(1) + LINE(1, 2).slice(0, 20));
    await Deno.writeTextFile(`${dir}/2.jsonl`, LINE(2));
    const [read] = await readRuns(dir);
    assert.deepEqual([...read!.damaged], [0, 1]);
    assert.deepEqual([...read!.run.incomplete], [0, 1]);
    assert.equal(read!.unreadable, 2);
    assert.deepEqual(read!.problems, [
      { file: `${dir}/0.jsonl`, line: 2, reason: "Not JSON" },
      { file: `${dir}/1.jsonl`, line: 2, reason: "Not JSON" },
    ]);
    assert.equal(read!.run.journals.get(0)!.length, 2);
  }));

Deno.test("a run.json that makes no sense is reported, and does not count", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/0.jsonl`, LINE(0));
    await Deno.writeTextFile(`${dir}/1.jsonl`, LINE(1));
    const cases: [text: string, reason: string][] = [
      ["{", "Not JSON"],
      ['{"processes":-1}', '"processes" is not a whole number from 1 to 65536'],
      [
        '{"processes":1,"incomplete":[],"latencyOf":"own-delivery"}',
        '"processes" is 1, but process 1 has a log',
      ],
    ];
    for (const [text, reason] of cases) {
      await Deno.writeTextFile(`${dir}/run.json`, text);
      const [read] = await readRuns(dir);
      assert.deepEqual(read!.problems, [{ file: `${dir}/run.json`, line: 1, reason }]);
      assert.equal(read!.unreadable, 1);
      assert.deepEqual([read!.run.processes, read!.run.incomplete.size], [2, 0]);
    }
  }));

Deno.test("a file that can't be told to be anybody's is reported, and the rest is read", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/empty.jsonl`, "");
    await Deno.writeTextFile(`${dir}/0.jsonl`, LINE(0));
    await Deno.writeTextFile(`${dir}/._0.jsonl`, "a Mac was here");
    const [read] = await readRuns(dir);
    const reason = "No event says whose log it is";
    assert.deepEqual(read!.problems, [{ file: `${dir}/empty.jsonl`, line: 0, reason }]);
    assert.equal(read!.unreadable, 1);
  }));

Deno.test("what can't be judged is one line that names the culprit", () =>
  inFolder(async (dir) => {
    const fails = async (path: string, message: string) => {
      await assert.rejects(readRuns(path), { name: "Error", message });
    };
    await fails(`${dir}/nowhere`, `There is no ${dir}/nowhere`);
    await Deno.writeTextFile(`${dir}/file`, "");
    await fails(`${dir}/file`, `${dir}/file is not a folder`);
    await fails(dir, `No logs (*.jsonl) in ${dir}`);
    await Deno.mkdir(`${dir}/none`);
    await Deno.writeTextFile(`${dir}/none/run.json`, "{}");
    await fails(dir, `No logs (*.jsonl) in ${dir}`);
    await Deno.writeTextFile(`${dir}/none/a.jsonl`, "rubbish\n");
    await fails(dir, `No log in ${dir}/none can be read: ${dir}/none/a.jsonl:1: Not JSON`);
    await Deno.writeTextFile(`${dir}/none/a.jsonl`, LINE(1));
    await Deno.writeTextFile(`${dir}/none/b.jsonl`, LINE(1));
    await fails(dir, `${dir}/none/a.jsonl and ${dir}/none/b.jsonl are both of process 1`);
  }));

Deno.test("a folder that can't be written to is one line that names it", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/none`, "a file in the way");
    await assert.rejects(writeRun(dir, "none", [], FACTS), (error: Error) => {
      assert.ok(error.message.includes(`${dir}/none`) && !error.message.includes("\n"));
      return true;
    });
  }));
