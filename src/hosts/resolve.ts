/**
 * From host names to IP literals, the way the operating system does it: `/etc/hosts` first.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** How to resolve a host. */
export interface ResolveOptions {
  /** The family wanted: 4, 6, or 0 for either. A socket speaks one of them, so who will send from a
   * given socket asks for its family.
   *
   * @default {0} */
  readonly family?: 0 | 4 | 6;
  /** Give up after so long; the operating system may need half a minute to notice that no name
   * server answers.
   *
   * @default {5000} */
  readonly timeoutMs?: number;
}

/**
 * The IP literal of a host, which may be one already. Where a name has addresses of both families
 * and either will do, IPv4 is taken, so that all processes of a group take the same.
 *
 * @throws {Error} naming the host, if it has no address of that family or no answer comes in time.
 */
export async function resolveHost(host: string, options: ResolveOptions = {}): Promise<string> {
  const { family = 0, timeoutMs = 5000 } = options;
  const literal = isIP(host);
  if (literal !== 0) {
    if (family !== 0 && family !== literal) {
      throw new Error(`${host} is not an IPv${family} address`);
    }
    return host;
  }

  const addresses = await withTimeout(lookupAll(host), timeoutMs, `No name server knows ${host}`);
  const wanted = family === 0
    ? addresses.find((found) => found.family === 4) ?? addresses[0]
    : addresses.find((found) => found.family === family);
  if (wanted !== undefined) return wanted.address;
  throw new Error(
    addresses.length === 0 ? `Unknown host ${host}` : `Host ${host} has no IPv${family} address`,
  );
}

async function lookupAll(host: string): Promise<{ address: string; family: number }[]> {
  // The operating system takes an empty name for its own.
  if (host === "") return [];
  try {
    return await lookup(host, { all: true });
  } catch {
    return []; // The reasons (no such name, name server not reachable) can't be told apart reliably.
  }
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} (${timeoutMs} ms passed)`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
