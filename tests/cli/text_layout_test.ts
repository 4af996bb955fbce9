import assert from "node:assert/strict";
import fc from "fast-check";
import { displayWidth } from "../../src/cli/display_width.ts";
import { layOutInput } from "../../src/cli/input_layout.ts";
import { colorByName, NameColors } from "../../src/cli/name_colors.ts";
import { nameList } from "../../src/cli/name_list.ts";
import { printable } from "../../src/cli/printable.ts";
import { wrapWords } from "../../src/cli/wrap_words.ts";

Deno.test("nothing that others say reaches the terminal as a command to it", () => {
  assert.equal(printable("a\nb\r\n\tc"), "a\\nb\\r\\n\\tc");
  assert.equal(printable("\x1b]0;title\x07\x9b2J"), "\\u001b]0;title\\u0007\\u009b2J");
  assert.equal(printable("gpj\u202etxt.\u2066"), "gpj\\u202etxt.\\u2066");
  assert.equal(printable("Grüße, 日本, 👋🏽"), "Grüße, 日本, 👋🏽");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.doesNotMatch(printable(text), /[\p{Cc}\u2028\u2029]/u);
  }));
});

Deno.test("columns are counted as terminals do", () => {
  assert.equal(displayWidth("abc"), 3);
  assert.equal(displayWidth("日本"), 4);
  assert.equal(displayWidth("e\u0301"), 1);
  assert.equal(displayWidth("👋"), 2);
  assert.equal(displayWidth("Größe–"), 6);
});

Deno.test("long lines are broken between words, and nothing is lost", () => {
  const text = "one two three four five six seven eight nine ten";
  assert.equal(wrapWords(text, 4, 200), text);
  assert.equal(
    wrapWords(text, 4, 40),
    "one two three four five six seven\n    eight nine ten",
  );
  assert.equal(wrapWords("x".repeat(100), 4, 40), "x".repeat(100));
  assert.equal(wrapWords(`a ${"x".repeat(100)} b`, 2, 40), `a\n  ${"x".repeat(100)}\n  b`);
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z日]{1,12}$/)), (words) => {
    const wrapped = wrapWords(words.join(" "), 9, 44);
    assert.deepEqual(wrapped.split(/\s+/).filter((word) => word !== ""), words);
    const [first = "", ...others] = wrapped.split("\n");
    for (const row of [" ".repeat(9) + first, ...others]) assert.ok(displayWidth(row) <= 44, row);
  }));
});

Deno.test("a line that is typed is laid out in rows, with its cursor", () => {
  assert.deepEqual(layOutInput("> ", "hello", 5, 80), {
    rows: ["> hello"],
    cursorRow: 0,
    cursorColumn: 7,
  });
  assert.deepEqual(layOutInput("> ", "hello world", 3, 9), {
    rows: ["> hello ", "world"],
    cursorRow: 0,
    cursorColumn: 5,
  });
  assert.deepEqual(layOutInput("> ", "日本語日本", 5, 8), {
    rows: ["> 日本", "語日本"],
    cursorRow: 1,
    cursorColumn: 6,
  });
  assert.deepEqual(layOutInput("> ", "a\tb\x1b\x7f", 0, 80).rows, ["> a␉b␛␡"]);
});

Deno.test("of a very long line the rows around the cursor are shown", () => {
  const line = Array.from({ length: 200 }, (_, i) => String(i).padStart(9, "0")).join("");
  fc.assert(
    fc.property(fc.nat(line.length), fc.integer({ min: 4, max: 200 }), (cursor, columns) => {
      const { rows, cursorRow, cursorColumn } = layOutInput("> ", line, cursor, columns);
      assert.ok(rows.length <= 6);
      assert.ok(cursorRow >= 0 && cursorRow < rows.length);
      assert.ok(cursorColumn < columns);
      for (const row of rows) assert.ok(displayWidth(row) < columns);
      const before = rows[cursorRow]!.slice(0, cursorColumn);
      assert.ok(`> ${line.slice(0, cursor)}`.endsWith(before));
    }),
  );
});

Deno.test("a name has its color, whatever text it is in", () => {
  assert.equal(colorByName("bob", "bob"), colorByName("bob", "bob"));
  const colors = new Set<string>();
  for (let i = 0; i < 200; i++) colors.add(colorByName("x", `p${i}`));
  assert.ok(colors.size >= 8, `${colors.size} colors`);
});

Deno.test("names are listed as in a sentence, and many are counted", () => {
  assert.equal(nameList([]), "nobody");
  assert.equal(nameList(["a"]), "a");
  assert.equal(nameList(["a", "b"]), "a and b");
  assert.equal(nameList(["a", "b", "c\n"]), "a, b and c\\n");
  const many = Array.from({ length: 20 }, (_, i) => `p${i}`);
  assert.equal(nameList(many), "p0, p1, p2, p3, p4, p5, p6, p7 and 12 others");
  assert.equal(nameList(many.slice(0, 9)), "p0, p1, p2, p3, p4, p5, p6, p7 and 1 other");
});

Deno.test("names of one group have different colors while there are enough, whatever comes first", () => {
  const names = ["alice", "bob", "carol", "dave", "erin", "frank"];
  const colors = new NameColors();
  colors.meet(names);
  const before = names.map((name) => colors.paint("x", name));
  assert.equal(new Set(before).size, names.length);
  colors.meet(["grace", ...names]);
  assert.deepEqual(names.map((name) => colors.paint("x", name)), before);
});
