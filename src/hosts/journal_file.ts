/**
 * A process's own log: the journals of its runs, appended to a file of JSON lines.
 *
 * @module
 */

import { formatJournal } from "../history/json_lines.ts";
import type { Journal } from "../history/journal.ts";
import { fileReason } from "./file_reason.ts";

/** A file that is open for appending. */
export class JournalFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #written: Promise<void> = Promise.resolve();

  /** Why something could not be written; null as long as everything could. */
  failure: string | null = null;

  /**
   * Opens the file, so that a bad path is noticed before the first run and not after it.
   *
   * @throws {Error} in one line that names the file, if it can't be written.
   */
  static async open(path: string): Promise<JournalFile> {
    try {
      return new JournalFile(path, await Deno.open(path, { append: true, create: true }));
    } catch (error) {
      throw new Error(`Cannot write ${path}: ${fileReason(error)}`);
    }
  }

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Appends a journal that is finished, behind those before. */
  append(journal: Journal): void {
    this.#written = this.#written.then(() => this.#write(journal));
  }

  /** Waits until everything is in the file, and closes it. */
  async close(): Promise<void> {
    await this.#written;
    this.#file.close();
  }

  async #write(journal: Journal): Promise<void> {
    if (this.failure !== null) return;
    try {
      for (const text of formatJournal(journal)) {
        const bytes = this.#encoder.encode(text);
        for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
      }
    } catch (error) {
      this.failure = `Cannot write ${this.#path}: ${fileReason(error)}`;
    }
  }
}
