/**
 * Self-extracting files for tests: as `scripts/self_extracting.ts` makes them, but with a small
 * shell script in place of Deno, so that each costs milliseconds.
 *
 * @module
 */

import { selfExtracting } from "../../scripts/self_extracting.ts";

/** What the runtime does when it is asked for its version, and when it runs the program. */
const RUNTIME = `#!/bin/sh
[ "$1" = --version ] && exit 0
[ "$1 $2" = "run --flag" ] || exit 99
program=$3
shift 3
. "$program"
`;

/** A folder with a self-extracting file and an empty cache. */
export class Archive implements AsyncDisposable {
  /** The folder of it all. */
  readonly folder: string;
  /** The self-extracting file. */
  readonly path: string;
  /** The cache, which does not exist yet. */
  readonly cache: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = `${folder}/mpcomm`;
    this.cache = `${folder}/the cache`;
  }

  /** Makes one whose program is the shell script `program`. */
  static async make(program: string): Promise<Archive> {
    const archive = new Archive(await Deno.makeTempDir({ prefix: "mpcomm archive " }));
    await Deno.writeFile(archive.path, await archiveBytes(program), { mode: 0o755 });
    return archive;
  }

  /** The command that starts it, or another `file`, with the cache of this folder. */
  command(args: readonly string[] = [], options: CommandOptions = {}): Deno.Command {
    const { file = this.path, env = {}, ...rest } = options;
    const own = { XDG_CACHE_HOME: this.cache, TMPDIR: this.folder };
    return new Deno.Command(file, {
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...rest,
      args: [...args],
      env: { ...own, ...env },
    });
  }

  /** Starts it and returns how it ended. */
  async run(args: readonly string[] = [], options: CommandOptions = {}): Promise<Result> {
    const { code, stdout, stderr } = await this.command(args, options).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** The names of the unpacked files, `hash/` left out, in alphabetical order. */
  unpacked(cache = `${this.cache}/mpcomm`): string[] {
    const names: string[] = [];
    for (const hash of entries(cache)) {
      names.push(...entries(`${cache}/${hash}`));
    }
    return names.sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Options of {@linkcode Archive.command}. */
export interface CommandOptions extends Omit<Deno.CommandOptions, "args"> {
  /** What to start in place of the file. */
  readonly file?: string;
}

/** How a start ended. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The bytes of a self-extracting file whose program is the shell script `program`. */
export function archiveBytes(
  program: string,
  system = systemName(),
): Promise<Uint8Array<ArrayBuffer>> {
  // Bytes that don't compress, behind the last command, give the runtime a size.
  const ballast = Uint8Array.from(
    { length: 300_000 },
    (_, i) => 33 + (i * i * 2_654_435_761 >>> 7) % 90,
  );
  const runtime = new Uint8Array([...new TextEncoder().encode(`${RUNTIME}exit\n#`), ...ballast]);
  return selfExtracting({
    version: "1.2.3",
    system,
    flags: ["--flag"],
    program: new TextEncoder().encode(program),
    runtime,
  });
}

function systemName(): string {
  const { stdout } = new Deno.Command("uname", { args: ["-sm"] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

function entries(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
