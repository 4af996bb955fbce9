/**
 * The config file of a coordinator: two lines.
 *
 * ```text
 * 5000
 * 60
 * ```
 *
 * @module
 */

import type { Address } from "../hosts/address.ts";
import type { Millis } from "../protocols/process.ts";
import { type ConfigShape, loadConfig } from "./config_lines.ts";
import { parseAddress } from "./values/address.ts";
import { parseSeconds } from "./values/seconds.ts";

/** What a coordinator needs to know. */
export interface CoordinatorConfig {
  readonly listen: Address;
  /** The persistence threshold. */
  readonly tdMs: Millis;
}

/** What its lines must be. */
export const COORDINATOR_LINES: ConfigShape<[listen: Address, tdMs: Millis]> = [
  { what: "the port", parse: parsePortOrAddress },
  { what: "td in seconds", parse: parseSeconds },
];

/**
 * Reads the config file of a coordinator.
 *
 * @throws {Error} in one line with file and line, if it is wrong.
 */
export async function loadCoordinatorConfig(path: string): Promise<CoordinatorConfig> {
  const [listen, tdMs] = await loadConfig(path, COORDINATOR_LINES);
  return { listen, tdMs };
}

/** `PORT`, for this machine alone, or `HOST:PORT`. */
function parsePortOrAddress(text: string): Address {
  return parseAddress(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text);
}
