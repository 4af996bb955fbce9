import assert from "node:assert/strict";
import { formatTable } from "../../src/report/table.ts";

Deno.test("columns are as wide as their widest cell and lines have no blanks at their ends", () => {
  const table = formatTable(["order", "rounds", ""], [["none", "300", "bad"], ["lamport", "7"]], {
    alignRight: [1],
  });
  assert.equal(table, "order    rounds\nnone        300  bad\nlamport       7");
});

Deno.test("a table without rows is its header", () => {
  assert.equal(formatTable(["a", "bc"], []), "a  bc");
});

Deno.test("styles take no room", () => {
  const table = formatTable(["a", "b"], [["\x1b[32mholds\x1b[39m", "1"], ["no", "2"]], {
    styleHeader: (text) => `\x1b[1m${text}\x1b[22m`,
  });
  assert.equal(
    table,
    "\x1b[1ma\x1b[22m      \x1b[1mb\x1b[22m\n\x1b[32mholds\x1b[39m  1\nno     2",
  );
});

Deno.test("a row that doesn't fit is refused", () => {
  assert.throws(() => formatTable(["a"], [["1", "2"]]), RangeError);
  assert.throws(() => formatTable(["a"], [["1\n2"]]), RangeError);
});
