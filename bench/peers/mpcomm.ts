/**
 * Measures mpcomm as a user runs it: a lab of real processes, with journals and checkers on.
 *
 * @module
 */

import type { RunEvent } from "../../src/report/run_event.ts";
import { selfCommand } from "../../src/hosts/self_command.ts";
import type { Contender, Measurement, Outcome } from "./measurement.ts";

/** The orders that are total. */
const SETUPS = ["lamport", "sequencer"] as const;

/** Both total orders. */
export function mpcomm(): Contender[] {
  return SETUPS.map((order) => ({
    system: "mpcomm",
    setup: order,
    measure: async (measurements) => {
      const results: Outcome[] = [];
      for (const m of measurements) results.push(await measure(order, m));
      return results;
    },
  }));
}

async function measure(order: (typeof SETUPS)[number], m: Measurement): Promise<Outcome> {
  // The first process is the sequencer: what it multicasts itself would not have to travel.
  if (order === "sequencer" && m.senders < m.members) return "skipped";
  const loss = m.lossRate > 0 ? `,loss=${m.lossRate * 100}%` : "";
  const { command, args } = selfCommand([
    ...["lab", "--json", "--quiet", "--order", order, "--interval", "0ms"],
    // No delay at all: the network of this machine as it is.
    ...["--topology", "lan", "--link", `delay=0ms,jitter=0ms${loss}`],
    ...["--peers", String(m.members), "--senders", String(m.senders)],
    ...["--messages", String(m.messages), "--payload", String(m.payloadBytes)],
    ...(m.outstanding > 0 ? ["--outstanding", String(m.outstanding)] : []),
  ]);
  const { code, stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  // Of a violated promise there is another exit code.
  if (code !== 0) return "failed";
  const event = JSON.parse(new TextDecoder().decode(stdout)) as RunEvent;
  const { deliveredPerSecond, ownLatencyMs, messages } = event;
  if (messages !== m.senders * m.messages || event.rounds !== messages) {
    throw new Error(`${m.name}: not all messages were delivered`);
  }
  if (typeof deliveredPerSecond !== "number" || ownLatencyMs === null) return "failed";
  return {
    perSecond: deliveredPerSecond,
    p50Us: ownLatencyMs.p50 * 1000,
    p99Us: ownLatencyMs.p99 * 1000,
  };
}
