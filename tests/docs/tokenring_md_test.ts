import assert from "node:assert/strict";
import { readRingDiagram, RING_PAGE, ringDiagram } from "../../scripts/ring_diagram.ts";
import { EXIT_BUSY, EXIT_LOST, EXIT_TIMEOUT } from "../../src/cli/run_tokenring_lock.ts";
import { TOKENRING_COMMANDS } from "../../src/cli/tokenring_input.ts";
import { RING_STATES } from "../../src/cli/tokenring_states.ts";
import { MAX_RING_NODES } from "../../src/hosts/ring_identity.ts";

const page = await Deno.readTextFile(RING_PAGE);

Deno.test("docs/tokenring.md: the picture of the states is that of the program", () => {
  const hint = "run: deno run --allow-read --allow-write scripts/ring_diagram.ts";
  assert.equal(readRingDiagram(page), ringDiagram(), hint);
});

Deno.test("docs/tokenring.md: every state can be reached and left", () => {
  for (const state of RING_STATES) {
    assert.match(ringDiagram(), new RegExp(`--> ${state}\\b`), state);
    assert.match(ringDiagram(), new RegExp(`^ +${state} --> `, "m"), state);
  }
});

Deno.test("docs/tokenring.md: commands, exit codes and limits are those of the program", () => {
  const written = [...page.matchAll(/^\| `(\w+)` +\| [a-z]/gm)].map(([, word]) => word);
  assert.deepEqual(written, Object.keys(TOKENRING_COMMANDS));
  const codes = [[EXIT_BUSY, "--try"], [EXIT_TIMEOUT, "--timeout"], [EXIT_LOST, "lost"]] as const;
  for (const [code, word] of codes) {
    assert.match(page, new RegExp(`^\\| ${code} +\\| .*${word}`, "m"));
  }
  assert.ok(page.includes(`${MAX_RING_NODES} machines at most`));
});
