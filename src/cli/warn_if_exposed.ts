/**
 * The warning that goes with a public address.
 *
 * @module
 */

import type { Terminal } from "./terminal.ts";

/** Says that whoever reaches this address can take part. */
export function warnIfExposed(host: string, terminal: Terminal): void {
  if (host === "::1" || host.startsWith("127.")) return;
  terminal.warn(
    `messages are not authenticated: keep the ports of ${host} closed to all but the group`,
  );
}
