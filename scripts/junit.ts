/**
 * Counts the tests in a JUnit report as `deno test --junit-path` writes it.
 *
 * @module
 */

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
  // In the text of an element and in an attribute `<` is always escaped, so this finds tags only.
  for (const [, body = ""] of xml.matchAll(/<testcase\b[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    if (/<(failure|error)\b/.test(body)) failed++;
    else if (/<skipped\b/.test(body)) ignored++;
    else passed++;
  }
  return { passed, failed, ignored };
}
