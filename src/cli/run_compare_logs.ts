/**
 * What `mpcomm compare --logs` does: judges logs that exist already.
 *
 * @module
 */

import { firstBroken, judge, type Judgement, promised } from "../checkers/judge.ts";
import { mostMulticast } from "../checkers/most_multicast.ts";
import { type LoggedRun, readRuns } from "../hosts/log_directory.ts";
import type { RunEvent } from "../report/run_event.ts";
import { formatRuns } from "../report/run_table.ts";
import type { CompareLogsOptions } from "./compare_command.ts";
import { explainVerdicts, runEvent } from "./judge_run.ts";
import { stylesOf } from "./styles.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

const EXIT_FAILURE = 1;
const EXIT_VIOLATED = 3;

/** Judges the logs of a folder; returns the exit code. */
export async function runCompareLogs(
  options: CompareLogsOptions,
  terminal: Terminal,
): Promise<number> {
  const runs = (await readAll(options)).filter((run) => isKnown(run, terminal));
  if (runs.length === 0) {
    throw new UsageError(`--logs: No folder in ${options.logs} is named after an order`);
  }
  const events: RunEvent[] = [];
  let code = 0;
  for (const logged of runs) {
    const { order, run, damaged, latencyOf } = logged;
    reportProblems(logged, terminal);
    const judgement = judge(run, { latencyOf, damaged });
    const event = runEvent({
      order,
      peers: run.processes,
      messagesPerPeer: mostMulticast(run),
      latencyOf,
      measuresRate: false,
    }, judgement);
    terminal.event({ ...event });
    explainVerdicts(order, judgement, terminal);
    events.push(event);
    if (firstBroken(promised(order), judgement) !== null) code = EXIT_VIOLATED;
    else if (!isConclusive(order, judgement)) code = Math.max(code, EXIT_FAILURE);
  }
  terminal.result(formatRuns(events, stylesOf(terminal)));
  return code;
}

/** Skips a folder that is named after no order: nobody knows what was promised. */
function isKnown({ order, directory }: LoggedRun, terminal: Terminal): boolean {
  try {
    promised(order);
    return true;
  } catch {
    terminal.warn(`${directory}: there is no order ${JSON.stringify(order)}, so it is not judged`);
    return false;
  }
}

/** Could everything that was promised be judged? */
function isConclusive(order: string, { verdicts }: Judgement): boolean {
  return promised(order).every((property) => verdicts[property].outcome !== "inconclusive");
}

async function readAll({ logs, order: [order] }: CompareLogsOptions): Promise<LoggedRun[]> {
  try {
    return await readRuns(logs, order);
  } catch (error) {
    throw new UsageError(`--logs: ${(error as Error).message}`);
  }
}

function reportProblems({ problems, unreadable }: LoggedRun, terminal: Terminal): void {
  for (const { file, line, reason } of problems) {
    terminal.event({ event: "problem", file, line, reason });
    terminal.warn(`${file}${line > 0 ? `:${line}` : ""}: ${reason}`);
  }
  const more = unreadable - problems.length;
  if (more > 0) terminal.warn(`${more} more lines can't be read`);
}
