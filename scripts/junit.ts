/**
 * Reads the JUnit report that `deno test --junit-path` writes: how many tests, and which failed.
 *
 * @module
 */

/** In the text of an element and in an attribute `<` and `>` are always escaped, so this finds tags
 * only: their attributes, and what is between them. */
const TEST_CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" },
};

/** How many tests there were. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** Sums up a report. Text that isn't one counts nothing. */
export function countTests(xml: string): TestCounts {
  let passed = 0;
  let failed = 0;
  let ignored = 0;
  for (const [, , body = ""] of xml.matchAll(TEST_CASE)) {
    if (/<(failure|error)\b/.test(body)) failed++;
    else if (/<skipped\b/.test(body)) ignored++;
    else passed++;
  }
  return { passed, failed, ignored };
}

/** A test that failed. */
export interface TestFailure {
  /** Its file, as the report names it, and its own name. */
  readonly name: string;
  /** What was wrong. */
  readonly message: string;
}

/** The tests of a report that failed, in its order. */
export function failuresIn(xml: string): TestFailure[] {
  const failures: TestFailure[] = [];
  for (const [, attributes = "", body = ""] of xml.matchAll(TEST_CASE)) {
    const message = /<(?:failure|error)\b[^>]*?\bmessage="([^"]*)"/.exec(body)?.[1];
    if (message === undefined) continue;
    const file = attributeOf(attributes, "classname");
    failures.push({
      name: `${file}: ${attributeOf(attributes, "name")}`,
      message: unescape(message),
    });
  }
  return failures;
}

function attributeOf(attributes: string, name: string): string {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function unescape(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(parseInt(decimal ?? hex, decimal === undefined ? 16 : 10));
  });
}
