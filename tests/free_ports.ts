/**
 * Ports for tests that have to know them before somebody takes them.
 *
 * @module
 */

/** Below those that the system hands out by itself, so that nobody gets one by chance. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** Each process of tests begins elsewhere, and takes no port twice while there are others. */
let last = crypto.getRandomValues(new Uint32Array(1))[0]! % PORTS;

/** A port of 127.0.0.1 that is free for UDP and TCP. */
export function freePort(): number {
  for (;;) {
    last = (last + 1) % PORTS;
    if (isFree(FIRST_PORT + last)) return FIRST_PORT + last;
  }
}

/** So many different ports. */
export function freePorts(count: number): number[] {
  return Array.from({ length: count }, freePort);
}

function isFree(port: number): boolean {
  try {
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}
