/**
 * What `mpcomm compare --manager` does: runs, judges, prints; again and again where it asks.
 *
 * @module
 */

import { firstBroken, judge, promised } from "../checkers/judge.ts";
import { judgeDigests } from "../checkers/judge_digests.ts";
import { type ComparedRun, Comparison, type RunProgress } from "../hosts/comparison.ts";
import { writeRun } from "../hosts/log_directory.ts";
import { listMembers, type Member } from "../hosts/manager_client.ts";
import type { Order } from "../protocols/process.ts";
import type { RunEvent } from "../report/run_event.ts";
import { tellRuns } from "../report/run_story.ts";
import { formatRuns } from "../report/run_table.ts";
import { formatAddress } from "../hosts/address.ts";
import type { CompareRunOptions } from "./compare_command.ts";
import { MESSAGES_MAX } from "./experiment_options.ts";
import { explainVerdicts, type Judged, runEvent, withCorruption } from "./judge_run.ts";
import { refuseUnwritable } from "./refuse_unwritable.ts";
import { catchSignals } from "./signals.ts";
import { stopAtEndOfInput } from "./stop_at_end_of_input.ts";
import { ProgressLine } from "./progress_line.ts";
import { stylesOf } from "./styles.ts";
import { nonsense } from "./nonsense.ts";
import type { Terminal } from "./terminal.ts";

/** How often the manager is asked while processes are missing. */
const POLL_MS = 150;

const EXIT_FAILURE = 1;
const EXIT_VIOLATED = 3;

/** Runs the processes of the group and judges what they did; returns the exit code. */
export async function runCompare(options: CompareRunOptions, terminal: Terminal): Promise<number> {
  using signals = catchSignals({ terminal });
  if (options.out !== undefined) await refuseUnwritable(options.out);
  // Nobody wants to know what a run comes to whose lab has been killed.
  void stopAtEndOfInput().then(() => Deno.exit(EXIT_FAILURE));
  const server = new ComparisonServer(options, terminal, signals.stop);
  const code = options.messages === undefined
    ? await server.runAsAsked()
    : await server.runOnce(options.messages);
  return signals.exitCode(code);
}

class ComparisonServer {
  readonly #options: CompareRunOptions;
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;

  constructor(options: CompareRunOptions, terminal: Terminal, stop: AbortSignal) {
    this.#options = options;
    this.#terminal = terminal;
    this.#stop = stop;
  }

  /** Asks for the number of messages and runs, until the answer is 0; then it ends the processes
   * too. The end of the input leaves them alone. */
  async runAsAsked(): Promise<number> {
    let code = 0;
    while (!this.#stop.aborted) {
      const answer = await this.#terminal.ask("Messages per peer (0 to quit):", this.#stop);
      if (answer === null) break;
      const messages = parseCount(answer);
      if (messages === null) {
        this.#terminal.error(
          `expected a whole number from 0 to ${MESSAGES_MAX}, got ${JSON.stringify(answer.trim())}`,
        );
        continue;
      }
      if (messages === 0) {
        await this.#quitAll();
        break;
      }
      code = Math.max(code, await this.runOnce(messages));
    }
    return code;
  }

  /** Waits for the processes and runs each order. */
  async runOnce(messages: number): Promise<number> {
    const members = await this.#waitForMembers();
    if (members === null) return EXIT_FAILURE;
    const { order: orders, seed = crypto.getRandomValues(new Uint32Array(1))[0]! } = this.#options;
    const wanted = this.#options.peers ?? members.length;
    const comparison = await Comparison.connect(members, wanted, this.#stop);
    this.#terminal.say(this.#introduce(comparison.size, messages, seed));
    const events: RunEvent[] = [];
    let code = 0;
    try {
      for (const order of orders) {
        if (this.#stop.aborted) break;
        const compared = await this.#run(comparison, order, messages, seed);
        const judged = await this.#judge(compared, order, messages, seed);
        events.push(judged.event);
        code = Math.max(code, judged.code);
      }
    } finally {
      await comparison.close();
    }
    if (events.length > 0) {
      this.#terminal.result(formatRuns(events, stylesOf(this.#terminal)));
      if (this.#stop.aborted) this.#terminal.say("Interrupted: the last run was cut short");
      else for (const sentence of tellRuns(events)) this.#terminal.say(sentence);
    }
    return code;
  }

  #introduce(size: number, messages: number, seed: number): string {
    const senders = this.#sendersOf(size);
    const from = senders === size
      ? "each"
      : senders === 1
      ? "from the first"
      : `from each of the first ${senders}`;
    return `${size === 1 ? "1 process" : `${size} processes`}, ` +
      `${messages === 1 ? "1 message" : `${messages} messages`} ${from}, ` +
      `seed ${seed}`;
  }

  /** How many of the processes multicast. */
  #sendersOf(size: number): number {
    return Math.min(this.#options.senders ?? size, size);
  }

  async #run(
    comparison: Comparison,
    order: Order,
    messages: number,
    seed: number,
  ): Promise<ComparedRun> {
    const { interval, payloadBytes, outstanding = null, log, timeoutMs } = this.#options;
    const senders = this.#sendersOf(comparison.size);
    const spec = {
      order,
      messages,
      senders,
      outstanding,
      intervalMinMs: interval.minMs,
      intervalMaxMs: interval.maxMs,
      payloadBytes,
      seed,
      log: log === "full",
      timeoutMs,
    };
    const progress = new ProgressLine(order, comparison.size, senders * messages);
    const onProgress = (state: RunProgress) => this.#terminal.progress(progress.describe(state));
    try {
      return await comparison.run(spec, onProgress, this.#stop);
    } finally {
      this.#terminal.progress("");
    }
  }

  async #judge(
    compared: ComparedRun,
    order: Order,
    messages: number,
    seed: number,
  ): Promise<{ event: RunEvent; code: number }> {
    const { run, digests, latencyOf, datagrams, bytes, malformed, corrupted, problems } = compared;
    const senders = this.#sendersOf(run.processes);
    const some = senders === run.processes ? {} : { senders };
    const judgement = withCorruption(judged(compared), corrupted);
    const event = runEvent({
      order,
      peers: run.processes,
      messagesPerPeer: messages,
      ...some,
      log: this.#options.log,
      latencyOf,
      traffic: { datagrams, bytes },
      measuresRate: this.#options.interval.maxMs === 0,
    }, judgement);
    this.#terminal.event({ ...event });
    for (const { process, name, reason, culprit } of problems) {
      this.#terminal.event({ event: "problem", order, process, name, reason });
      const text = `${order}: process ${process} (${name}) ${reason}`;
      if (culprit) this.#terminal.error(text);
      else this.#terminal.warn(text);
    }
    if (malformed > 0) {
      this.#terminal.warn(`${order}: ${nonsense(malformed)}`);
    }
    if (event.messages === 0 && messages > 0) {
      this.#terminal.say(
        `${order}: nothing can be judged: the run ended before anything was multicast.`,
      );
    } else if ((digests ?? run.journals).size > 0) {
      explainVerdicts(order, judgement, this.#terminal);
    } else this.#terminal.say(`${order}: nothing can be judged: no process handed over its log.`);
    if (this.#options.out !== undefined) {
      const facts = { processes: run.processes, incomplete: run.incomplete, latencyOf };
      const { outstanding } = this.#options;
      const metadata = { order, messagesPerPeer: messages, ...some, outstanding, seed };
      await writeRun(this.#options.out, order, run.journals.values(), { ...facts, metadata });
    }
    const isBroken = firstBroken(promised(order), judgement) !== null;
    return { event, code: isBroken ? EXIT_VIOLATED : problems.length > 0 ? EXIT_FAILURE : 0 };
  }

  /** All members, at least as many as wanted; null if the time passes before, or a signal came. */
  async #waitForMembers(): Promise<readonly Member[] | null> {
    const { manager, peers, timeoutMs } = this.#options;
    const wanted = peers ?? 1;
    const end = performance.now() + timeoutMs;
    for (let isFirst = true;; isFirst = false) {
      const members = await this.#listMembers();
      if (members === null) return null;
      if (members.length >= wanted) {
        this.#terminal.progress("");
        return members;
      }
      if (isFirst) this.#terminal.say(`Waiting for ${wanted} processes to register`);
      this.#terminal.progress(`${members.length} of ${wanted} registered`);
      if (this.#stop.aborted) return null;
      if (performance.now() >= end) {
        this.#terminal.error(
          `only ${members.length} of ${wanted} processes are registered with the manager at ` +
            `${formatAddress(manager)}, and the time is over`,
        );
        return null;
      }
      await pause(POLL_MS, this.#stop);
    }
  }

  /** The members now; null if a signal came before the manager's answer. */
  async #listMembers(): Promise<readonly Member[] | null> {
    try {
      return await listMembers(this.#options.manager, { signal: this.#stop });
    } catch (error) {
      if (this.#stop.aborted) return null;
      throw error;
    }
  }

  async #quitAll(): Promise<void> {
    const members = await listMembers(this.#options.manager);
    const comparison = await Comparison.connect(members, members.length, this.#stop);
    await comparison.quit();
    this.#terminal.say(`Ended ${members.length} processes`);
  }
}

/** What the checkers say of a run, by what there is of it. */
function judged({ run, digests, latencyOf }: ComparedRun): Judged {
  return digests === null ? judge(run, { latencyOf }) : judgeDigests({ ...run, digests });
}

function parseCount(answer: string): number | null {
  const text = answer.trim();
  if (!/^\d{1,9}$/.test(text)) return null;
  const count = Number(text);
  return count <= MESSAGES_MAX ? count : null;
}

/** Waits, but not beyond the abortion of the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const wake = () => resolve();
  signal.addEventListener("abort", wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", wake);
}
