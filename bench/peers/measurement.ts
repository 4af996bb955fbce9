/**
 * What is measured, of whichever system, and what comes out of it.
 *
 * @module
 */

/** One thing to measure: a group, and how its members multicast. */
export interface Measurement {
  readonly name: string;
  /** What counts: messages delivered a second, or the latency of the senders' own deliveries. */
  readonly of: "rate" | "latency";
  readonly members: number;
  /** So many of the members multicast, the others listen. */
  readonly senders: number;
  /** Messages from each sender. */
  readonly messages: number;
  readonly payloadBytes: number;
  /** Own messages multicast and not yet delivered: 1 is one after the other; 0 for any number. */
  readonly outstanding: number;
  /** Share of the datagrams that are lost. */
  readonly lossRate: number;
}

/** What came out of one measurement; the order was verified to be the same everywhere. */
export interface Result {
  /** The slowest member's messages delivered a second, from its first delivery to its last. */
  readonly perSecond: number;
  /** From multicast to own delivery, in microseconds: of one sender; of several, the median of their
   * p50 and the largest of their p99. */
  readonly p50Us: number;
  readonly p99Us: number;
}

/** A system in one of the ways in which it can be set up. */
export interface Contender {
  readonly system: string;
  /** How it is set up, in a few words. */
  readonly setup: string;
  /** Measures each in turn. */
  measure(measurements: readonly Measurement[]): Promise<readonly Outcome[]>;
}

/** `failed`: the reason is on stderr; `skipped`: it makes no sense with this setup. */
export type Outcome = Result | "failed" | "skipped";

/** What cpg_bench and SequencerBench print. */
interface MemberReport {
  readonly node: number;
  readonly delivered: number;
  readonly perSecond: number;
  readonly order: string;
  readonly own?: { readonly p50: number; readonly p99: number };
}

/** The members' reports as one result; `failed` if one is missing.
 *
 * @throws {Error} if two members delivered in different orders, or not everything. */
export function combine(lines: readonly string[], measurement: Measurement): Outcome {
  if (lines.length !== measurement.members) return "failed";
  const reports = lines.map((line) => JSON.parse(line) as MemberReport);
  if (new Set(reports.map(({ order }) => order)).size !== 1) {
    throw new Error(`${measurement.name}: the members delivered in different orders`);
  }
  const total = measurement.senders * measurement.messages;
  if (reports.some(({ delivered }) => delivered !== total)) {
    throw new Error(`${measurement.name}: a member did not deliver all ${total} messages`);
  }
  const owns = reports.flatMap(({ own }) => own ?? []);
  return {
    perSecond: Math.min(...reports.map(({ perSecond }) => perSecond)),
    p50Us: median(owns.map(({ p50 }) => p50)),
    p99Us: Math.max(...owns.map(({ p99 }) => p99)),
  };
}

/** The middle one of some values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  return ((sorted[last >> 1] ?? NaN) + (sorted[(last + 1) >> 1] ?? NaN)) / 2;
}

/** Runs a command to its end, with its complaints on our stderr; throws if it fails. */
export async function runTool(command: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], stderr: "inherit" })
    .output();
  if (!success) throw new Error(`${command} failed`);
}

/** Which of some programs and files are not on this machine. */
export async function missing(
  programs: readonly string[],
  files: readonly string[],
): Promise<string[]> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const absent = [];
  for (const program of programs) {
    const found = await Promise.all(folders.map((folder) => exists(`${folder}/${program}`)));
    if (!found.includes(true)) absent.push(program);
  }
  for (const file of files) if (!await exists(file)) absent.push(file);
  return absent;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
