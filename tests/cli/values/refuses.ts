import assert from "node:assert/strict";

/** Asserts that each text is refused by an error that the command line turns into this message. */
export function refuses(
  parse: (text: string) => unknown,
  cases: Readonly<Record<string, string>>,
): void {
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof RangeError || error instanceof SyntaxError, text);
        assert.equal(error.message, message, text);
        return true;
      },
    );
  }
}
