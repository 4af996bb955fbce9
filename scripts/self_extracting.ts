/**
 * The self-extracting file: a shell head, then the program and the runtime, compressed.
 *
 * It stands in for `deno compile` where the archive that this wants cannot be had. The layout is
 *
 * ```text
 * head.sh, its placeholders filled in     POSIX sh
 * the program                             gzip, unpacked to <hash>/mpcomm.js
 * the runtime                             gzip, unpacked to <hash>/mpcomm
 * ```
 *
 * The same input gives the same bytes: nothing in it tells when, where or by whom it was made.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** What goes into a self-extracting file. */
export interface Contents {
  /** The version in the head's first comment. */
  readonly version: string;
  /** The machines that it runs on, as `uname -sm` says it there, for instance `Linux x86_64`. */
  readonly system: string;
  /** The flags of `deno run`. */
  readonly flags: readonly string[];
  /** The program, one JavaScript module. */
  readonly program: Uint8Array<ArrayBuffer>;
  /** The Deno executable. */
  readonly runtime: Uint8Array<ArrayBuffer>;
}

/** gzip's level. 9 would save 3 % and take 2.5 times as long. */
const COMPRESSION_LEVEL = 6;

/**
 * Returns the bytes of a self-extracting file.
 *
 * Throws a `TypeError` if a text could be read as shell syntax.
 */
export async function selfExtracting(contents: Contents): Promise<Uint8Array<ArrayBuffer>> {
  const { version, system, flags, program, runtime } = contents;
  for (const word of [version, ...system.split(" "), ...flags]) assertPlainWord(word);
  const packedProgram = gzipSync(program, { level: COMPRESSION_LEVEL });
  const packedRuntime = gzipSync(runtime, { level: COMPRESSION_LEVEL });
  const template = await Deno.readTextFile(new URL("head.sh", import.meta.url));
  const fixed = {
    VERSION: version,
    SYSTEM: system,
    FLAGS: flags.join(" "),
    PROGRAM_HASH: await shortHash(program),
    PROGRAM_LENGTH: packedProgram.length,
    PROGRAM_SIZE: program.length,
    RUNTIME_HASH: await shortHash(runtime),
    RUNTIME_LENGTH: packedRuntime.length,
    RUNTIME_SIZE: runtime.length,
  };
  const head = settle((headLength) =>
    fill(template, {
      ...fixed,
      PROGRAM_FROM: headLength + 1, // `tail -c +N` counts from 1.
      RUNTIME_FROM: headLength + packedProgram.length + 1,
      TOTAL_SIZE: headLength + packedProgram.length + packedRuntime.length,
    })
  );
  return concatenate([head, packedProgram, packedRuntime]);
}

/** The shell would not keep these words as they are, and nobody needs others here. */
function assertPlainWord(word: string): void {
  if (!/^[\w=,.:\/-]+$/.test(word)) {
    throw new TypeError(`Not a plain word for the shell head: ${JSON.stringify(word)}`);
  }
}

/** The first half of SHA-256: 128 bits tell all builds apart and keep the path short. */
async function shortHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16).toHex();
}

function fill(template: string, values: Record<string, string | number>): string {
  return template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`No value for @${name}@ in head.sh`);
    return String(value);
  });
}

/** The head states offsets that depend on its own length: renders it until the length is true.
 * It ends, because a larger number never makes the head shorter. */
function settle(render: (length: number) => string): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (;;) {
    const head = new TextEncoder().encode(render(length));
    if (head.length === length) return head;
    length = head.length;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
