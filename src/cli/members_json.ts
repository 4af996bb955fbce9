/**
 * A JSON object of texts, with the line of each entry.
 *
 * `JSON.parse` keeps the last of several equal keys and says nothing, and knows no lines; in a file
 * that people write, both matter.
 *
 * @module
 */

import type { MemberEntry } from "./members_file.ts";
import { quote } from "./quote.ts";

const BLANKS = /[ \t\r\n]*/y;
// deno-lint-ignore no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;

/**
 * Reads `{"NAME": "HOST:PORT", ...}`. Equal names are for the caller to notice.
 *
 * @throws {SyntaxError} If the text is anything else; the message has file and line.
 */
export function* readMembersJson(text: string, fileName: string): Generator<MemberEntry> {
  const reader = new JsonReader(text, fileName);
  reader.expect("{", 'an object {"NAME": "HOST:PORT"}');
  if (!reader.take("}")) {
    do {
      const line = reader.line();
      const name = reader.string("a name in double quotes");
      reader.expect(":", `":" after ${quote(name)}`);
      const address = reader.string(`the address of ${quote(name)} in double quotes`);
      yield { name, address, line };
    } while (reader.take(","));
    reader.expect("}", '"," or "}"');
  }
  reader.expectEnd();
}

/** Walks through the text, from one token to the next. */
class JsonReader {
  readonly #text: string;
  readonly #fileName: string;
  /** Invariant: at a token or at the end, never at a blank. */
  #at = 0;

  constructor(text: string, fileName: string) {
    this.#text = text;
    this.#fileName = fileName;
    this.#skip(BLANKS);
  }

  /** The line of the next token, from 1. */
  line(): number {
    return this.#text.slice(0, this.#at).split("\n").length;
  }

  /** Passes the character if it is next; returns whether it was. */
  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    this.#skip(BLANKS);
    return true;
  }

  expect(character: string, what: string): void {
    if (!this.take(character)) throw this.#disappointment(what);
  }

  string(what: string): string {
    const start = this.#at;
    if (!this.#skip(STRING)) throw this.#disappointment(what);
    const value: string = JSON.parse(this.#text.slice(start, this.#at));
    this.#skip(BLANKS);
    return value;
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) throw this.#disappointment("the end of the file");
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const isThere = pattern.test(this.#text);
    if (isThere) this.#at = pattern.lastIndex;
    return isThere;
  }

  #disappointment(what: string): SyntaxError {
    const found = /[^\n\r]*/y;
    found.lastIndex = this.#at;
    const rest = found.exec(this.#text)?.[0] ?? "";
    const next = rest === "" ? "the end of the file" : quote(rest);
    return new SyntaxError(`${this.#fileName}:${this.line()}: expected ${what}, found ${next}`);
  }
}
