/**
 * Files that say who is in a group and where: the machines and peers files of all commands.
 *
 * Either lines of text,
 *
 * ```text
 * # name   address
 * alice    127.0.0.1:7001
 * bob      [::1]:7002       # another comment
 * ```
 *
 * or a JSON object whose keys are the names and whose values are the addresses. It lies in this
 * layer because names and addresses are what the command line says they are.
 *
 * @module
 */

import { type Address, formatAddress } from "../hosts/address.ts";
import { readBoundedFile } from "../hosts/bounded_file.ts";
import { fileReason } from "../hosts/file_reason.ts";
import { readMembersJson } from "./members_json.ts";
import { parseAddress } from "./values/address.ts";
import { parseName } from "./values/name.ts";

/** A member of the group. */
export interface GroupMember {
  /** Unique in the file. */
  readonly name: string;
  /** Unique in the file, as it is written: two names of one machine aren't told apart. */
  readonly address: Address;
}

/** What the file says about a member, not yet checked. */
export interface MemberEntry {
  readonly name: string;
  readonly address: string;
  /** Where, counted from 1. */
  readonly line: number;
}

/** The longest members file that is read, in bytes. */
const LONGEST_FILE_BYTES = 2 ** 20;

/** The most members that a group can have, unless told otherwise. */
export const MEMBERS_MAX = 200;

/**
 * Reads a file of at most `max` members.
 *
 * @throws {SyntaxError} If it is no such file; the message is one line with file and line.
 * @throws {Error} If it can't be read; the message is one line and names it.
 */
export async function loadMembers(
  path: string,
  max = MEMBERS_MAX,
): Promise<readonly GroupMember[]> {
  return parseMembers(decode(await readFile(path), path), path, max);
}

/**
 * Reads members from text: lines of `NAME HOST:PORT` (`#` begins a comment, at the beginning or
 * after a blank; blank lines don't count; lines may end in CRLF), or a JSON object.
 *
 * @param fileName What the messages are to call it.
 * @returns The members in the sequence of the file, at least one.
 * @throws {SyntaxError} If an entry is wrong, a name or an address comes twice, or there are none
 *   or too many; the message is one line with file and line: `peers.txt:3: ...`.
 */
export function parseMembers(
  text: string,
  fileName: string,
  max = MEMBERS_MAX,
): readonly GroupMember[] {
  const content = text.replace(/^\uFEFF/, "");
  const entries = /^\s*[{[]/.test(content)
    ? readMembersJson(content, fileName)
    : readLines(content, fileName);
  const members: GroupMember[] = [];
  const taken = new Map<string, MemberEntry>(); // names as they are, addresses after a blank
  for (const entry of entries) {
    const member = inContext(`${fileName}:${entry.line}`, () => checked(entry, taken));
    members.push(member);
    if (members.length > max) {
      throw new SyntaxError(`${fileName}:${entry.line}: a group has at most ${max} members`);
    }
  }
  if (members.length === 0) throw new SyntaxError(`${fileName}: names nobody`);
  return members;
}

function* readLines(content: string, fileName: string): Generator<MemberEntry> {
  for (const [index, row] of content.split(/\r?\n/).entries()) {
    const line = index + 1;
    const fields = row.replace(/(^|\s)#.*$/, "").trim().split(/\s+/);
    const [name, address] = fields;
    if (name === undefined || name === "") continue; // blank, or nothing but a comment
    if (address === undefined || fields.length > 2) {
      const found = address === undefined ? "no address" : `${fields.length} fields`;
      throw new SyntaxError(`${fileName}:${line}: expected NAME HOST:PORT, found ${found}`);
    }
    yield { name, address, line };
  }
}

/** The entry's member, if nobody before has its name or address. */
function checked(entry: MemberEntry, taken: Map<string, MemberEntry>): GroupMember {
  const name = parseName(entry.name);
  const address = parseAddress(entry.address, 1);
  const namesake = taken.get(name);
  if (namesake !== undefined) {
    throw new SyntaxError(`${name} is already on line ${namesake.line}`);
  }
  const place = ` ${formatAddress(address).toLowerCase()}`;
  const neighbour = taken.get(place);
  if (neighbour !== undefined) {
    throw new SyntaxError(
      `${formatAddress(address)} is the address of ${neighbour.name} on line ${neighbour.line}`,
    );
  }
  taken.set(name, entry);
  taken.set(place, entry);
  return { name, address };
}

/** Runs a reader, and puts where it is before what it complains of. */
function inContext<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${where}: ${error.message}`);
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBoundedFile(path, LONGEST_FILE_BYTES);
  } catch (error) {
    throw new Error(`${path}: ${fileReason(error)}`);
  }
  if (bytes !== null) return bytes;
  throw new Error(`${path}: longer than ${LONGEST_FILE_BYTES} bytes`);
}

function decode(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(`${fileName}: not a text file in UTF-8`);
  }
}
