/**
 * Runs side by side, for people: a column for each order.
 *
 * @module
 */

import { REPORTED_PROPERTIES, type RunEvent } from "./run_event.ts";
import { formatTable } from "./table.ts";

/** How words are made to stand out; each leaves the text's width as it is. */
export interface TableStyles {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
}

/** The table of several runs. A star marks what an order promises. */
export function formatRuns(runs: readonly RunEvent[], styles: TableStyles): string {
  const row = (name: string, cell: (run: RunEvent) => string) => [name, ...runs.map(cell)];
  const rows = [
    row("rounds", (run) => String(run.rounds)),
    row("rounds out of order", (run) => alarm(run.roundsOutOfOrder, styles)),
    row("lost", (run) => alarm(run.lost, styles)),
    row("duplicated", (run) => alarm(run.duplicated, styles)),
    ...REPORTED_PROPERTIES.map((property) =>
      row(property, (run) => {
        const outcome = run.properties[property];
        const promised = run.promised.includes(property);
        const text = `${promised ? "* " : ""}${outcome}`;
        if (outcome === "holds") return promised ? styles.green(text) : text;
        if (outcome === "violated") {
          return promised ? styles.bold(styles.red(text)) : styles.red(text);
        }
        return styles.dim(text);
      })
    ),
    row("latency p50", (run) => milliseconds(run.latencyMs?.p50)),
    row("latency p99", (run) => milliseconds(run.latencyMs?.p99)),
  ];
  if (runs.some(({ latencyOf }) => latencyOf === "last-delivery")) {
    rows.push(row("own delivery p50", (run) => finely(run.ownLatencyMs?.p50)));
    rows.push(row("own delivery p99", (run) => finely(run.ownLatencyMs?.p99)));
  }
  if (runs.some(({ datagrams }) => datagrams !== null)) {
    rows.push(row("datagrams per message", (run) => each(run.datagrams, run, 1)));
    rows.push(row("bytes per message", (run) => each(run.bytes, run, 0)));
  }
  if (runs.some(({ deliveredPerSecond }) => deliveredPerSecond !== undefined)) {
    rows.push(row("delivered per second", (run) => perSecond(run.deliveredPerSecond)));
  }
  const table = formatTable(["", ...runs.map(({ order }) => order)], rows, {
    alignRight: runs.map((_, i) => i + 1),
    styleHeader: styles.bold,
  });
  const unknown = runs.some(({ log }) => log === "none") ? "; - not known without logs" : "";
  const legend = `* promised by the order; latency ${latencyOf(runs)}${unknown}`;
  return `${table}\n${styles.dim(legend)}`;
}

function latencyOf(runs: readonly RunEvent[]): string {
  return runs.every((run) => run.latencyOf === "last-delivery")
    ? "from multicast to the last process's delivery"
    : "from multicast to the sender's own delivery (clocks of several machines are not compared)";
}

/** A count that should be 0; a dash where it is not known. */
function alarm(count: number | null, styles: TableStyles): string {
  if (count === null) return "-";
  return count === 0 ? "0" : styles.red(String(count));
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${ms.toFixed(1)} ms`;
}

/** On a local network a tenth is much. */
function finely(ms: number | undefined): string {
  return ms === undefined || ms >= 1 ? milliseconds(ms) : `${ms.toFixed(3)} ms`;
}

/** What one message cost on the average. */
function each(total: number | null, { messages }: RunEvent, digits: number): string {
  if (total === null || messages === null || messages === 0) return "-";
  const cost = total / messages;
  return cost < 1 ? cost.toPrecision(2) : cost.toFixed(digits);
}

function perSecond(rate: number | null | undefined): string {
  return rate === undefined || rate === null ? "-" : Math.round(rate).toLocaleString("en-US");
}
