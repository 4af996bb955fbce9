/**
 * The keys of a terminal. Characters that arrive together, such as a pasted text, are handed on
 * together: an editor that takes them one by one looks at the whole line for each.
 *
 * @module
 */

import { emitKeypressEvents, type Key } from "node:readline";

/** What a reader tells of. */
export interface KeyReaderEvents {
  /** Printable characters, one or more. */
  readonly onText: (text: string) => void;
  /** Any other key, and what the terminal sent for it. */
  readonly onKey: (sequence: string | undefined, key: Key) => void;
}

/** Reads keys. `node:readline` decodes them. */
export class KeyReader implements Disposable {
  readonly #input: NodeJS.ReadableStream;
  readonly #events: KeyReaderEvents;
  #text = "";
  #isClosed = false;
  readonly #onKeypress = (sequence: string | undefined, key: Key) => this.#take(sequence, key);

  /** Begins to read. */
  constructor(input: NodeJS.ReadableStream, events: KeyReaderEvents) {
    this.#input = input;
    this.#events = events;
    emitKeypressEvents(input);
    input.on("keypress", this.#onKeypress);
    input.resume();
  }

  /** Hands on what is still held back. */
  flush(): void {
    const text = this.#text;
    this.#text = "";
    if (text !== "" && !this.#isClosed) this.#events.onText(text);
  }

  /** Reads no more. */
  close(): void {
    this.#isClosed = true;
    this.#input.removeListener("keypress", this.#onKeypress);
    this.#input.pause();
  }

  /** See {@linkcode KeyReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #take(sequence: string | undefined, key: Key): void {
    if (this.#isClosed) return;
    if (!isPrintable(sequence, key)) {
      this.flush();
      this.#events.onKey(sequence, key);
      return;
    }
    // All characters of one read come in one turn.
    if (this.#text === "") queueMicrotask(() => this.flush());
    this.#text += sequence;
  }
}

function isPrintable(sequence: string | undefined, { ctrl, meta }: Key): sequence is string {
  if (sequence === undefined || ctrl || meta) return false;
  const code = sequence.codePointAt(0) ?? 0;
  return code >= 0x20 && code !== 0x7f;
}
