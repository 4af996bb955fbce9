/**
 * Addresses as people write them: `HOST:PORT`, and `[::1]:PORT` for IPv6.
 *
 * ```ts
 * import { formatAddress } from "../../hosts/address.ts";
import { parseAddress } from "./address.ts";
 *
 * const address = parseAddress("[::1]:5678");
 * console.assert(address.host === "::1" && address.port === 5678);
 * console.assert(formatAddress(address) === "[::1]:5678");
 * ```
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { type Address, formatAddress } from "../../hosts/address.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

const PORT_MAX = 65_535;
const ADDRESS = /^(\[[^\]]*\]|[^[\]]*):([^:]*)$/;
const HOSTNAME_LENGTH_MAX = 253;
const HOSTNAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads `HOST:PORT`. The port is a decimal number from `portMin` (0 unless told otherwise) to
 * 65535, the host is a name, an IPv4 address, or an IPv6 address in brackets.
 *
 * @throws {SyntaxError} If the text is anything else; the message quotes it.
 */
export function parseAddress(text: string, portMin = 0): Address {
  const [, host, port] = ADDRESS.exec(text) ?? [];
  if (host === undefined || port === undefined) {
    if (text.startsWith("[") && !text.includes("]")) {
      throw new SyntaxError(`${quote(text)} has no closing bracket: expected [IPV6]:PORT`);
    }
    throw new SyntaxError(`${quote(text)} has no port: expected HOST:PORT`);
  }
  if (host === "") throw new SyntaxError(`${quote(text)} has no host: expected HOST:PORT`);
  return {
    host: host.startsWith("[") ? ipv6(host, text) : nameOrIpv4(host, text),
    port: parsePort(port, portMin, text),
  };
}

/** A value parser for an address to listen on: port 0 means any. */
export function listenAddress(): ValueParser<"sync", Address> {
  return valueParser({
    metavar: "HOST:PORT",
    example: "127.0.0.1:0",
    parse: (text) => parseAddress(text),
    format: formatAddress,
  });
}

/** A value parser for an address to connect to: there must be a port. */
export function connectAddress(): ValueParser<"sync", Address> {
  return valueParser({
    metavar: "HOST:PORT",
    example: "127.0.0.1:5678",
    parse: (text) => parseAddress(text, 1),
    format: formatAddress,
  });
}

function parsePort(digits: string, portMin: number, text: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : NaN;
  if (port >= portMin && port <= PORT_MAX) return port;
  throw new SyntaxError(`${quote(text)} has no port from ${portMin} to ${PORT_MAX} after the host`);
}

function nameOrIpv4(host: string, text: string): string {
  if (host.includes(":")) {
    const hint = `write [${host}]${text.slice(host.length)}`;
    throw new SyntaxError(`${quote(text)} needs brackets around its IPv6 address: ${hint}`);
  }
  const numeric = /^[\d.]+$/.test(host);
  if (numeric ? IPV4.test(host) : HOSTNAME.test(host) && host.length <= HOSTNAME_LENGTH_MAX) {
    return host;
  }
  throw new SyntaxError(`${quote(host)} in ${quote(text)} is not a host name or an IP address`);
}

/** The address without its brackets, in the canonical form that URLs give it. */
function ipv6(host: string, text: string): string {
  if (URL.canParse(`http://${host}`)) return new URL(`http://${host}`).hostname.slice(1, -1);
  throw new SyntaxError(`${quote(host)} in ${quote(text)} is not an IPv6 address`);
}
