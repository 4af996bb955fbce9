/**
 * Opening a connection to a server that speaks frames.
 *
 * @module
 */

import type { Address } from "../wire/address.ts";
import { resolveHost } from "./resolve.ts";
import { type ConnectionOptions, TcpConnection } from "./tcp_connection.ts";
import { connectError } from "./tcp_errors.ts";

/** How to connect. */
export interface ConnectOptions extends ConnectionOptions {
  /** Give up after so long. Without a limit the operating system tries for two minutes.
   *
   * @default {5000} */
  readonly timeoutMs?: number;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to `what` (a noun for the error message, such as "manager") at `address`.
 *
 * @throws {Error} in one line that names it, if nobody is there or the host is unknown.
 */
export async function connectTcp(
  what: string,
  address: Address,
  options: ConnectOptions = {},
): Promise<TcpConnection> {
  return new TcpConnection(await openTcp(what, address, options), options);
}

/** Like {@linkcode connectTcp}, for who has a way of his own with bytes. */
export async function openTcp(
  what: string,
  address: Address,
  options: Pick<ConnectOptions, "timeoutMs" | "signal"> = {},
): Promise<Deno.TcpConn> {
  const { timeoutMs = 5000 } = options;
  const hostname = await resolveHost(address.host, { timeoutMs });
  const giveUp = new AbortController();
  const timer = setTimeout(
    () => giveUp.abort(new Error(`no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const signal = AbortSignal.any([giveUp.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const conn = await Deno.connect({ hostname, port: address.port, signal });
    if (isOwnEnd(conn)) {
      conn.close();
      throw new Deno.errors.ConnectionRefused();
    }
    return conn;
  } catch (error) {
    throw connectError(signal.aborted ? signal.reason : error, what, address);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the connection leads to itself. TCP allows that where nobody listens on a port which the
 * operating system then happens to choose for our end; it would block the port for who comes back. */
function isOwnEnd({ localAddr, remoteAddr }: Deno.TcpConn): boolean {
  return localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname;
}
