/**
 * Where a process can be reached: a host and a port, as people and messages write them.
 *
 * ```ts
 * import { formatAddress } from "./address.ts";
 *
 * console.assert(formatAddress({ host: "::1", port: 5678 }) === "[::1]:5678");
 * ```
 *
 * @module
 */

/** An endpoint of UDP or TCP. The host is a name or an IP literal, IPv6 without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, with brackets around an IPv6 literal. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An IPv6 literal in brackets, or a name or IPv4 literal; and a port other than 0. */
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):([1-9]\d{0,4})$/;
const MAX_PORT = 65_535;

/** Reads what {@linkcode formatAddress} writes; null if it is nothing that can be sent to. */
export function readAddress(text: string): Address | null {
  const [, ipv6, other, digits] = ADDRESS.exec(text) ?? [];
  const host = ipv6 ?? other;
  const port = Number(digits);
  return host === undefined || port > MAX_PORT ? null : { host, port };
}

/** Whether the host stands for "any address of this machine" (`0.0.0.0` or `::`, in any spelling):
 * good to listen on, meaningless to somebody who wants to send. */
export function isUnspecified(host: string): boolean {
  return /^[0:.]+$/.test(host);
}

/** The IPv4 address inside an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`), which is how a socket
 * that listens on `::` reports its IPv4 visitors; every other host as it is. */
export function unmapHost(host: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  return mapped?.[1] ?? host;
}
