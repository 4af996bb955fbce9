/**
 * What a coordinator tells people and programs.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import type { CoordinatorEvent, CoordinatorStatus } from "../hosts/coordinator_host.ts";
import { formatTable } from "../report/table.ts";
import type { Terminal } from "./terminal.ts";
import { formatSeconds } from "./values/seconds.ts";

/** What became of a member by its request. */
const CHANGES = {
  register: ["registered", "is registered"],
  reconnect: ["reconnected", "is online again"],
  disconnect: ["disconnected", "is offline"],
  deregister: ["deregistered", "is no member any more"],
} as const;

/** Says what happened. */
export function reportEvent(event: CoordinatorEvent, terminal: Terminal): void {
  switch (event.type) {
    case "connected":
      terminal.event({ event: "link", id: event.id, state: "connected" });
      terminal.say(`${event.id} is connected`);
      return;
    case "lost":
      terminal.event({ event: "link", id: event.id, state: "lost", reason: event.reason });
      terminal.say(`${event.id} can't be reached (${event.reason}); trying again`);
      return;
    case "store":
      terminal.event({ event: "store", works: event.failure === null, reason: event.failure });
      if (event.failure === null) terminal.say("The store works again");
      else terminal.warn(`nothing can be stored now: ${event.failure}`);
      return;
    default: {
      const [change, words] = CHANGES[event.type];
      terminal.event({ event: "member", id: event.id, change });
      terminal.say(`${event.id} ${words}`);
    }
  }
}

/** Prints how the coordinator and its members are. */
export function reportStatus(status: CoordinatorStatus, terminal: Terminal): void {
  terminal.event({
    event: "status",
    ...status,
    members: status.members.map((member) => ({
      ...member,
      address: formatAddress(member.address),
    })),
  });
  const { tdMs, lastSeq, kept, rates, members } = status;
  terminal.result(
    `td ${formatSeconds(tdMs)} s, messages so far ${lastSeq}, kept ${kept}, ` +
      `a second: stored ${perSecond(rates.storedPerSecond)}, ` +
      `delivered ${perSecond(rates.deliveredPerSecond)}`,
  );
  if (members.length === 0) return terminal.result("No participant is registered");
  terminal.result(formatTable(
    ["member", "state", "address", "connected", "backlog", "in flight", "heard"],
    members.map(({ id, state, address, connected, backlog, inFlight, lastAckAgeMs }) => [
      id,
      state,
      formatAddress(address),
      connected ? "yes" : "no",
      String(backlog),
      String(inFlight),
      lastAckAgeMs === null ? "-" : `${(lastAckAgeMs / 1000).toFixed(1)} s ago`,
    ]),
    { alignRight: [4, 5], styleHeader: (text) => terminal.bold(text) },
  ));
}

function perSecond(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}
