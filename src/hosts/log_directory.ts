/**
 * Runs as folders of logs: `DIR/<order>/<process>.jsonl`, and `run.json` beside them.
 *
 * `run.json` is optional, so that logs from anywhere can be judged: without it the group is as
 * large as the highest process number seen says, every log counts as complete (nothing says
 * otherwise, and to take them for incomplete would excuse every loss), and latency is the sender's
 * own, since nothing says that the clocks agree.
 *
 * Lines that can't be read are reported, and their processes counted among the damaged and the
 * incomplete ones: what they do not say proves nothing.
 *
 * @module
 */

import { type Order, ORDERS, type ProcessId } from "../protocols/process.ts";
import type { Journal } from "../history/journal.ts";
import { formatJournal, MAX_PROCESSES, parseJournal, type Problem } from "../history/json_lines.ts";
import type { Run } from "../history/run.ts";
import {
  formatRunFacts,
  type LatencyOf,
  parseRunFacts,
  type RunFacts,
} from "../history/run_facts.ts";
import { fileReason } from "./file_reason.ts";

const FACTS_FILE = "run.json";
/** A `run.json` larger than this is not one of ours. */
const MAX_FACTS_BYTES = 1_048_576;

/** A run that was read from a folder. */
export interface LoggedRun {
  /** The order given, or the name of the subfolder: not necessarily one that exists. */
  readonly order: string;
  /** The folder that holds the logs. */
  readonly directory: string;
  readonly run: Run;
  /** The processes whose logs may have holes: lines of them could not be read. */
  readonly damaged: ReadonlySet<ProcessId>;
  readonly latencyOf: LatencyOf;
  /** What else `run.json` says. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What could not be read: at most the first 100 of each file. */
  readonly problems: readonly Problem[];
  /** How many problems there were in all, also beyond those that are kept. */
  readonly unreadable: number;
  /** How many events were of kinds that no checker needs. */
  readonly ignored: number;
}

/**
 * Writes a run to `DIR/<order>`, in place of the run that was there, and returns that folder.
 *
 * Of an older run, the logs named after a process number and `run.json` are removed: left behind,
 * they would be judged with the new ones.
 *
 * @throws {Error} A file can't be written; the message names it.
 */
export async function writeRun(
  dir: string,
  order: Order,
  journals: Iterable<Journal>,
  facts: RunFacts,
): Promise<string> {
  const directory = `${dir}/${order}`;
  await naming(directory, () => Deno.mkdir(directory, { recursive: true }));
  for (const name of await listFiles(directory)) {
    if (name !== FACTS_FILE && processInName(name) === undefined) continue;
    await naming(`${directory}/${name}`, () => Deno.remove(`${directory}/${name}`));
  }
  for (const journal of journals) {
    const file = `${directory}/${journal.process}.jsonl`;
    const text = ReadableStream.from(formatJournal(journal));
    await naming(file, () => Deno.writeTextFile(file, text));
  }
  const file = `${directory}/${FACTS_FILE}`;
  await naming(file, () => Deno.writeTextFile(file, formatRunFacts(facts)));
  return directory;
}

/**
 * Reads the runs of a folder: its own `*.jsonl` files as one run of `order`, or else each
 * subfolder that has such files as a run of the order that it is named after.
 *
 * The runs come in the order of the known orders, others by name.
 *
 * @throws {Error} There is no such folder, it can't be read, it has no logs, no log has a process,
 * or two logs are of one process; the message names the culprit in one line.
 */
export async function readRuns(dir: string, order = "lamport"): Promise<LoggedRun[]> {
  const own = (await listFiles(dir)).filter(isLog);
  if (own.length > 0) return [await readRun(dir, order, own)];
  const runs: LoggedRun[] = [];
  for (const name of await listDirectories(dir)) {
    const directory = `${dir}/${name}`;
    const files = (await listFiles(directory)).filter(isLog);
    if (files.length > 0) runs.push(await readRun(directory, name, files));
  }
  if (runs.length === 0) throw new Error(`No logs (*.jsonl) in ${dir}`);
  return runs;
}

async function readRun(
  directory: string,
  order: string,
  files: readonly string[],
): Promise<LoggedRun> {
  const journals = new Map<ProcessId, Journal>();
  const fileOf = new Map<ProcessId, string>();
  const damaged = new Set<ProcessId>();
  const problems: Problem[] = [];
  let [unreadable, ignored] = [0, 0];
  for (const name of files) {
    const file = `${directory}/${name}`;
    const parsed = await readLog(file, processInName(name));
    problems.push(...parsed.problems);
    unreadable += parsed.unreadable;
    ignored += parsed.ignored;
    if (parsed.journal === null) {
      problems.push({ file, line: 0, reason: "No event says whose log it is" });
      unreadable++;
      continue;
    }
    for (const journal of [parsed.journal, ...parsed.others]) {
      const { process } = journal;
      const other = fileOf.get(process);
      if (other !== undefined) {
        throw new Error(`${other} and ${file} are both of process ${process}`);
      }
      fileOf.set(process, file);
      journals.set(process, journal);
      if (parsed.unreadable > 0) damaged.add(process);
    }
  }
  if (journals.size === 0) throw new Error(`No log in ${directory} can be read: ${say(problems)}`);
  const kept = problems.length;
  const facts = await readFacts(`${directory}/${FACTS_FILE}`, journals, problems);
  unreadable += problems.length - kept;
  const incomplete = new Set([...facts.incomplete, ...damaged]);
  for (let process = 0; process < facts.processes; process++) {
    if (!journals.has(process)) incomplete.add(process);
  }
  return {
    order,
    directory,
    run: { processes: facts.processes, journals, incomplete },
    damaged,
    latencyOf: facts.latencyOf,
    metadata: facts.metadata,
    problems,
    unreadable,
    ignored,
  };
}

function say(problems: readonly Problem[]): string {
  const { file, line, reason } = problems[0]!;
  return line === 0 ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}

async function readLog(file: string, process: ProcessId | undefined) {
  const handle = await naming(file, () => Deno.open(file));
  return await naming(file, () => parseJournal(handle.readable, file, process));
}

/** Reads `run.json` where there is a sane one; otherwise what the journals themselves show. */
async function readFacts(
  file: string,
  journals: ReadonlyMap<ProcessId, Journal>,
  problems: Problem[],
): Promise<RunFacts> {
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile || size > MAX_FACTS_BYTES) throw new RangeError("Not a small file");
    const facts = parseRunFacts(await Deno.readTextFile(file));
    const stranger = [...journals.keys()].find((process) => process >= facts.processes);
    if (stranger === undefined) return facts;
    throw new RangeError(`"processes" is ${facts.processes}, but process ${stranger} has a log`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push({ file, line: 1, reason });
    }
  }
  return {
    processes: 1 + findHighestProcess(journals),
    incomplete: new Set(),
    latencyOf: "own-delivery",
    metadata: {},
  };
}

function findHighestProcess(journals: ReadonlyMap<ProcessId, Journal>): ProcessId {
  let highest = 0;
  for (const [process, journal] of journals) {
    if (process > highest) highest = process;
    for (const sender of journal.columns().sender) {
      if (sender > highest) highest = sender;
    }
  }
  return highest;
}

function isLog(name: string): boolean {
  return name.endsWith(".jsonl") && !name.startsWith(".");
}

/** The process that a log's name tells: 3 of "3.jsonl". */
function processInName(name: string): ProcessId | undefined {
  const digits = /^(\d{1,5})\.jsonl$/.exec(name)?.[1];
  if (digits === undefined || Number(digits) >= MAX_PROCESSES) return undefined;
  return Number(digits);
}

async function listFiles(directory: string): Promise<string[]> {
  return await list(directory, ({ isFile }) => isFile);
}

async function listDirectories(directory: string): Promise<string[]> {
  const names = await list(directory, ({ isDirectory }) => isDirectory);
  const rank = (name: string) => {
    const known = (ORDERS as readonly string[]).indexOf(name);
    return known < 0 ? ORDERS.length : known;
  };
  return names.sort((a, b) => rank(a) - rank(b));
}

/** The names in a folder that lead to what is wanted, sorted, symbolic links followed. */
async function list(
  directory: string,
  wanted: (info: Deno.FileInfo) => boolean,
): Promise<string[]> {
  return await naming(directory, async () => {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(directory)) {
      const info = await Deno.stat(`${directory}/${name}`).catch(() => null);
      if (info !== null && wanted(info)) names.push(name); // A broken link leads nowhere.
    }
    return names.sort();
  });
}

/** Does something with a file; if that fails, the error is one line that names the file. */
async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`There is no ${path}`);
    if (error instanceof Deno.errors.NotADirectory) throw new Error(`${path} is not a folder`);
    throw new Error(`Can't use ${path}: ${fileReason(error)}`);
  }
}
