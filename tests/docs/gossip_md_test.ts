import assert from "node:assert/strict";
import { GOSSIP_COMMANDS } from "../../src/cli/gossip_input.ts";
import { summarize } from "../../src/cli/gossip_summary.ts";
import {
  KEEP_BYTES,
  KEEP_RUMORS,
  MAX_MEMBERS,
  MAX_RUMOR_BYTES,
} from "../../src/hosts/gossip_host.ts";
import { RumorTracker } from "../../src/protocols/gossip/gossip_measures.ts";
import { DEFAULT_MEMBERSHIP } from "../../src/protocols/gossip/membership.ts";
import { RumorPacker } from "../../src/protocols/gossip/rumor_packer.ts";
import { MAX_RUNS } from "../../src/protocols/gossip/seen_rumors.ts";

const page = await Deno.readTextFile(new URL("../../docs/gossip.md", import.meta.url));

/** What stands first in the rows of a section's tables. */
function rowsOf(section: string): string[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(section))!;
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word!);
}

Deno.test("docs/gossip.md: the commands are those of the program", () => {
  const written = Object.values(GOSSIP_COMMANDS).map(([written]) => written);
  assert.deepEqual(rowsOf("Commands").slice(0, written.length), written);
});

Deno.test("docs/gossip.md: the measures are those of the program", () => {
  const nothing = {
    ...{
      heard: 0,
      kept: 0,
      hot: 0,
      unheard: 0,
      up: 0,
      down: 0,
      meanHops: 0,
      maxHops: 0,
      measures: [],
    },
    ...{ rumorsSent: 0, duplicates: 0, supplied: 0, messagesSent: 0, peers: [] },
    ...{ datagrams: 0, frames: 0, bytes: 0, unsent: 0, malformed: 0 },
  };
  assert.deepEqual(rowsOf("Measures").sort(), Object.keys(summarize(nothing)).sort());
});

Deno.test("docs/gossip.md: the limits are those of the program", () => {
  assert.equal(KEEP_BYTES, 64 * 2 ** 20);
  assert.equal(MAX_RUMOR_BYTES, 2 ** 20);
  assert.equal(DEFAULT_MEMBERSHIP.suspicionMs, 5000);
  const said = [
    `latest ${KEEP_RUMORS.toLocaleString("en-US")} rumors`,
    `${MAX_MEMBERS} machines at most`,
    `for ${MAX_RUNS.toLocaleString("en-US")} processes`,
  ];
  for (const text of said) assert.ok(page.replaceAll(/\s+/g, " ").includes(text), text);

  const tracker = new RumorTracker();
  for (let seq = 1; seq <= 200; seq++) tracker.said(seq, [], 0);
  assert.equal(numberIn(/its\s+latest ([\d,]+) rumors/), tracker.measures.length);
  const large = numberIn(/more than ([\d,]+) characters are offered/);
  const rumor = { origin: "a", run: 1, seq: 1, hops: 1, wantsReceipt: false };
  const isLarge = (length: number) =>
    new RumorPacker().isLarge({ ...rumor, text: "x".repeat(length) });
  assert.deepEqual([isLarge(large), isLarge(large + 1)], [false, true]);
});

function numberIn(pattern: RegExp): number {
  return Number(pattern.exec(page)?.[1]?.replaceAll(",", ""));
}
