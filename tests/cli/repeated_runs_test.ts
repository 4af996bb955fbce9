import assert from "node:assert/strict";
import type { RunEvent } from "../../src/report/run_event.ts";
import { Group } from "./group.ts";
import { assertClean, runsOf, runToEnd } from "./processes.ts";

const LAN = ["--topology", "lan"];
const MESSAGES = 20;
const FAST = ["--interval", "1-3ms"];

Deno.test("the tenth run of a comparison server is as clean as the first", async () => {
  await using group = await Group.start(LAN, LAN, LAN);
  const { code, events, stderr } = await runToEnd(
    ["compare", "--manager", group.address, "--order", "none,lamport", "--json", ...FAST],
    { stdin: `${MESSAGES}\n`.repeat(10) },
  );
  const runs = runsOf({ events });
  assert.equal(runs.length, 20);
  for (const [i, run] of runs.entries()) assertAsClean(run, i % 2 === 0 ? "none" : "lamport");
  assert.doesNotMatch(stderr, /warning|made no sense/);
  assert.equal(code, 0);
  for (const peer of group.peers) {
    assert.equal(peer.events("started").length, 20);
    await peer.count("ended", 20);
    assert.ok(peer.events("ended").every(({ complete }) => complete === true));
  }
});

Deno.test("the tenth comparison server has as clean a run as the first", async () => {
  await using group = await Group.start(LAN, LAN, LAN);
  for (let i = 0; i < 10; i++) {
    const order = i % 2 === 0 ? "lamport" : "none";
    const ending = await group.compare(
      ...["--order", order, "--messages", `${MESSAGES}`, "--peers", "3", ...FAST],
    );
    assertAsClean(runsOf(ending)[0]!, order);
    assert.doesNotMatch(ending.stderr, /warning|made no sense/);
    assert.equal(ending.code, 0);
  }
});

/** Whatever was before, nothing is lost, doubled or left over. */
function assertAsClean(run: RunEvent, order: string): void {
  assert.equal(run.order, order);
  assertClean(run, 3 * MESSAGES);
  assert.equal(run.properties.agreement, "holds", "on this network not even none loses anything");
}
