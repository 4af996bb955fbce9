/**
 * The config file of a participant: three lines.
 *
 * ```text
 * alice
 * alice.log
 * 127.0.0.1 5000
 * ```
 *
 * @module
 */

import type { Address } from "../hosts/address.ts";
import { type ConfigShape, loadConfig } from "./config_lines.ts";
import { parseAddress } from "./values/address.ts";
import { parseMemberId } from "./values/member_id.ts";
import { parsePath } from "./values/path.ts";

/** What a participant needs to know. */
export interface ParticipantConfig {
  readonly id: string;
  /** As it is written: from the folder in which the program is started. */
  readonly log: string;
  readonly coordinator: Address;
}

/** What its lines must be. */
export const PARTICIPANT_LINES: ConfigShape<[id: string, log: string, coordinator: Address]> = [
  { what: "the participant's ID", parse: parseMemberId },
  { what: "the name of the log file", parse: parsePath },
  { what: "the coordinator's HOST PORT", parse: parseSpacedAddress },
];

/**
 * Reads the config file of a participant.
 *
 * @throws {Error} in one line with file and line, if it is wrong.
 */
export async function loadParticipantConfig(path: string): Promise<ParticipantConfig> {
  const [id, log, coordinator] = await loadConfig(path, PARTICIPANT_LINES);
  return { id, log, coordinator };
}

/** `HOST PORT`, or `HOST:PORT`. */
function parseSpacedAddress(text: string): Address {
  const fields = text.split(/\s+/);
  const [host, port] = fields;
  if (host === undefined || port === undefined || fields.length > 2) return parseAddress(text, 1);
  const isBareIpv6 = host.includes(":") && !host.startsWith("[");
  return parseAddress(isBareIpv6 ? `[${host}]:${port}` : `${host}:${port}`, 1);
}
