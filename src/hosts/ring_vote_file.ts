/**
 * What a node of a token ring keeps over restarts: its vote, and whether it may have promised
 * anything that a new process doesn't know of.
 *
 * A file of a few lines, replaced as a whole: there is the old one or the new one, whenever the power
 * fails.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import type { Millis } from "../protocols/process.ts";
import { MAX_EPOCH, MAX_NODES, type Vote } from "../protocols/token_ring/messages.ts";
import { type Check, integer, nullable, number, oneOf, record, text } from "../wire/validation.ts";
import { readBoundedFile } from "./bounded_file.ts";
import { fileReason } from "./file_reason.ts";

/** The first thing in the file. */
const FORMAT = "mpcomm token ring 1";

/** The longest file that is read, in bytes. */
const LONGEST_FILE_BYTES = 4096;

/** What is wrong with a node's file, in one line that names it. */
export class VoteFileError extends Error {
  override name = "VoteFileError";
}

/** Whose state it is. */
export interface VoteFileOwner {
  /** Names the machines of the ring. */
  readonly ring: string;
  /** The node's name. */
  readonly node: string;
  /** How long its support lasts, in milliseconds. */
  readonly leaseMs: Millis;
}

/** The contents of the file. */
interface Contents {
  readonly format: typeof FORMAT;
  readonly ring: string;
  readonly node: string;
  readonly epoch: number;
  readonly candidate: number;
  readonly leaseMs: Millis;
  /** When the support of the last process has run out, in seconds since the start of the machine;
   * null if it didn't come to say so, or still runs. */
  readonly supportsUntilSeconds: number | null;
}

/** The longest lease that a node may have. */
export const MAX_LEASE_MS: Millis = 600_000;

/** What a user of the machine calls its clock, for tests. */
export type Uptime = () => number;

const CONTENTS: Check<Contents> = record<Contents>({
  format: oneOf([FORMAT]),
  ring: text(1, 64),
  node: text(1, 128),
  epoch: integer(0, MAX_EPOCH),
  candidate: integer(0, MAX_NODES - 1),
  leaseMs: number(0, MAX_LEASE_MS),
  supportsUntilSeconds: nullable(number(0, Number.MAX_SAFE_INTEGER)),
});

/** A node's file, while its process runs. */
export class RingVoteFile {
  readonly path: string;
  readonly #uptime: Uptime;
  #contents: Contents;

  /** For so long the node may not vote: a process before it may have promised support. */
  readonly quarantineMs: Millis;

  /**
   * Reads the file, or makes it, and notes in it that a process has it. Only one at a time may do so;
   * the node's port, which has to be taken before, sees to that.
   *
   * @throws {VoteFileError} in one line that names the file: it belongs to another node or ring, is damaged, or
   * can't be read or written.
   */
  static async open(
    path: string,
    owner: VoteFileOwner,
    uptime: Uptime = Deno.osUptime,
  ): Promise<RingVoteFile> {
    const before = await read(path);
    if (before !== null) refuseOther(before, owner, path);
    return new RingVoteFile(path, owner, before, uptime);
  }

  private constructor(
    path: string,
    owner: VoteFileOwner,
    before: Contents | null,
    uptime: Uptime,
  ) {
    this.path = path;
    this.#uptime = uptime;
    this.quarantineMs = before === null ? 0 : quarantineOf(before, owner.leaseMs, uptime());
    const { epoch, candidate } = before ?? { epoch: 0, candidate: 0 };
    // A longer support than ours, of which we know when it ends, is waited for by who opens this.
    this.#contents = {
      ...{ format: FORMAT, ...owner, epoch, candidate },
      leaseMs: Math.max(owner.leaseMs, this.quarantineMs),
      supportsUntilSeconds: null,
    };
    makeFolder(path);
    this.#write();
    this.#contents = { ...this.#contents, leaseMs: owner.leaseMs };
  }

  /** The last vote; epoch 0 if there was none. */
  get vote(): Vote {
    const { epoch, candidate } = this.#contents;
    return { epoch, candidate };
  }

  /** Keeps a vote. It is on disk when this returns.
   *
   * @throws {VoteFileError} in one line that names the file. */
  store({ epoch, candidate }: Vote): void {
    this.#contents = { ...this.#contents, epoch, candidate };
    this.#write();
  }

  /** The process ends, and its support in `supportMs`: a later process need not wait for it.
   *
   * @throws {VoteFileError} in one line that names the file. */
  end(supportMs: Millis): void {
    // The clock counts whole seconds, and may be about to begin the next one.
    const supportsUntilSeconds = supportMs > 0
      ? this.#uptime() + 1 + Math.ceil(supportMs / 1000)
      : 0;
    this.#contents = { ...this.#contents, supportsUntilSeconds };
    this.#write();
  }

  #write(): void {
    const folder = dirname(this.path);
    const draft = join(folder, `.${basename(this.path)}.new`);
    try {
      writeDurably(draft, `${JSON.stringify(this.#contents, null, 2)}\n`);
      Deno.renameSync(draft, this.path);
      syncFolder(folder);
    } catch (error) {
      throw new VoteFileError(`Cannot write ${this.path}: ${fileReason(error)}`);
    }
  }
}

/**
 * Where a node's file is unless its user says where: below the folder for the state of programs.
 *
 * @returns null if the environment doesn't tell.
 */
export function defaultVotePath(ring: string, node: string): string | null {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  const state = Deno.env.get("XDG_STATE_HOME") ||
    (home === undefined || home === "" ? null : join(home, ".local", "state"));
  if (state === null) return null;
  return join(state, "mpcomm", "tokenring", `${ring}-${node.replaceAll(":", "%3A")}.json`);
}

/**
 * How long support may still last that the last process has given.
 *
 * That clock begins anew with the machine. If it shows more than what was noted, then the time has
 * passed, whether the machine was started again or not: since its start, longer than any support.
 */
function quarantineOf(before: Contents, leaseMs: Millis, uptimeSeconds: number): Millis {
  const until = before.supportsUntilSeconds;
  return until !== null && uptimeSeconds >= until ? 0 : Math.max(before.leaseMs, leaseMs);
}

async function read(path: string): Promise<Contents | null> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBoundedFile(path, LONGEST_FILE_BYTES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new VoteFileError(`${path}: ${fileReason(error)}`);
  }
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(bytes ?? new Uint8Array());
    return CONTENTS(JSON.parse(json), "contents");
  } catch {
    // Without it the node might vote twice, so it is for its user to decide.
    throw new VoteFileError(
      `${path}: damaged, or not the state of a token ring's node; if it is removed while all nodes ` +
        "are stopped, fencing numbers may begin anew",
    );
  }
}

function refuseOther({ ring, node }: Contents, owner: VoteFileOwner, path: string): void {
  if (node !== owner.node) throw new VoteFileError(`${path}: it is the state of ${node}`);
  if (ring !== owner.ring) throw new VoteFileError(`${path}: it belongs to another machines file`);
}

function makeFolder(path: string): void {
  const folder = dirname(path);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new VoteFileError(`${folder}: ${fileReason(error)}`);
  }
}

function writeDurably(path: string, content: string): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const bytes = new TextEncoder().encode(content);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

/** The new name is durable too, where folders can be opened. */
function syncFolder(folder: string): void {
  if (Deno.build.os === "windows") return;
  using file = Deno.openSync(folder);
  file.syncSync();
}
