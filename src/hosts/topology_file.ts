/**
 * Finds a topology by its built-in name or reads it from a file.
 *
 * @module
 */

import { AWS_2020 } from "./aws_2020.ts";
import { readBoundedFile } from "./bounded_file.ts";
import { PERFECT_LINK } from "./link_spec.ts";
import { createTopology, parseTopology, type Topology } from "./topology.ts";

/** The longest topology file that is read, in bytes: room for a full mesh of 150 regions. */
const LONGEST_FILE_BYTES = 2 ** 20;

/**
 * The topology `lan`: one region, in which a datagram takes 0.05 to 0.15 ms, as between machines on
 * one switch. On such a network disorder is rare, and it still happens.
 */
export const LAN: Topology = createTopology("lan", [
  {
    from: "lan",
    to: "lan",
    spec: Object.freeze({ ...PERFECT_LINK, delayMs: 0.1, jitterMs: 0.05 }),
  },
]);

/** The topologies that need no file, by name. */
export const BUILT_IN_TOPOLOGIES: ReadonlyMap<string, Topology> = new Map(
  [AWS_2020, LAN].map((topology) => [topology.name, topology]),
);

/**
 * The topology of that name, or in that file. A built-in name wins; `./lan` is the file.
 *
 * @throws {SyntaxError} If the file is not a topology; the message names file and line.
 * @throws {Error} If the file can't be read; the message is one line, names it, and names the
 *   built-in topologies where it isn't there.
 */
export async function loadTopology(nameOrFile: string): Promise<Topology> {
  const builtIn = BUILT_IN_TOPOLOGIES.get(nameOrFile);
  if (builtIn !== undefined) return builtIn;
  const bytes = await readFile(nameOrFile);
  return parseTopology(decode(bytes, nameOrFile), nameOrFile);
}

async function readFile(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBoundedFile(path, LONGEST_FILE_BYTES);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (bytes !== null) return bytes;
  throw new Error(
    `The topology ${JSON.stringify(path)} is longer than ${LONGEST_FILE_BYTES} bytes`,
  );
}

function decode(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(`${fileName}: Not a text file in UTF-8`);
  }
}

function unreadable(path: string, error: unknown): Error {
  if (error instanceof Deno.errors.NotFound) {
    const names = [...BUILT_IN_TOPOLOGIES.keys()].join(", ");
    return new Error(`No topology ${JSON.stringify(path)}: name a file or one of ${names}`);
  }
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new Error(`The topology ${JSON.stringify(path)} can't be read: ${reason}`);
}
