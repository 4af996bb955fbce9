/**
 * What goes wrong with TCP, in sentences for people.
 *
 * @module
 */

import { type Address, formatAddress } from "../wire/address.ts";

/** Why listening on `address` failed. The original error is the cause. */
export function listenError(error: unknown, address: Address): Error {
  return new Error(describeListenError(error, address), { cause: error });
}

function describeListenError(error: unknown, address: Address): string {
  const { host, port } = address;
  if (error instanceof Deno.errors.AddrInUse) return `Port ${port} on ${host} is already in use`;
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${host} is not an address of this machine`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `No permission to listen on ${formatAddress(address)}`;
  }
  return `Can't listen on ${formatAddress(address)} (${briefly(error)})`;
}

/** Why connecting to `what` (such as "manager") at `address` failed. The original error is the
 * cause. */
export function connectError(error: unknown, what: string, address: Address): Error {
  return new Error(`No ${what} at ${formatAddress(address)} (${briefly(error)})`, { cause: error });
}

/** The reason without the operating system's number, in lower case as it goes into a sentence. */
export function briefly(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  const message = error instanceof Error ? error.message : String(error);
  const reason = (message.split("\n")[0] ?? "").replace(/ \(os error \d+\)$/, "");
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
