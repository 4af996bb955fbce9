import assert from "node:assert/strict";
import { commandTable, PAGE, readPage, stateDiagram } from "../../scripts/state_diagram.ts";
import { formatRemarkLine, parseRemarkLine } from "../../src/hosts/participant_log_line.ts";
import { formatMessageLine } from "../hosts/message_line.ts";
import { MAX_TEXT_BYTES } from "../../src/hosts/persistent_limits.ts";
import { PARTICIPANT_COMMANDS } from "../../src/cli/participant_input.ts";
import { OK_TABLE, PARTICIPANT_STATES } from "../../src/protocols/persistent/participant_states.ts";

const page = await Deno.readTextFile(PAGE);

Deno.test("docs/persistent.md: picture and table of the states are those of the program", () => {
  const hint = "run: deno run --allow-read --allow-write scripts/state_diagram.ts";
  const { diagram, table } = readPage(page);
  assert.equal(diagram, stateDiagram(), hint);
  assert.deepEqual(table, commandTable(), hint);
});

Deno.test("docs/persistent.md: every state is in the picture, and those that wait can be left", () => {
  const { diagram } = readPage(page);
  for (const state of PARTICIPANT_STATES) {
    assert.match(diagram, new RegExp(`--> ${state}:`), state);
    assert.match(diagram, new RegExp(`^ +${state} --> `, "m"), state);
    assert.equal(state.endsWith("ing"), OK_TABLE[state] !== undefined, state);
  }
});

Deno.test("docs/persistent.md: the example of a log is what the program writes", () => {
  const [, example] = /^```text\n(# store [^`]*)```/m.exec(page) ?? [];
  assert.ok(example !== undefined);
  const texts: Readonly<Record<number, string>> = {
    13: "hello",
    14: "two\nlines, a tab\tand a backslash\\",
  };
  const written = example.trimEnd().split("\n").map((line) => {
    if (line.startsWith("#")) {
      const remark = parseRemarkLine(line);
      assert.ok(remark !== null, line);
      return formatRemarkLine(remark);
    }
    const [seq, time, sender] = line.split("\t");
    const payload = new TextEncoder().encode(texts[Number(seq)]);
    return formatMessageLine({
      seq: Number(seq),
      at: Date.parse(time!),
      sender: sender!,
      payload,
    });
  });
  assert.equal(written.join(""), example);
});

Deno.test("docs/persistent.md: the commands and the longest message are those of the program", () => {
  const written = [...page.matchAll(/^\| `(\w+(?: \[\w+\])?)` +\| [a-z]/gm)].map(([, text]) =>
    text
  );
  const all = Object.values(PARTICIPANT_COMMANDS);
  assert.deepEqual(written.slice(0, all.length), all);
  assert.ok(page.includes(`at most ${MAX_TEXT_BYTES.toLocaleString("en")} bytes`));
});
