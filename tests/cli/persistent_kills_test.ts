import assert from "node:assert/strict";
import { PersistentGroup, tell } from "./persistent_group.ts";
import { killUnderLoad } from "./persistent_kills.ts";

// `deno task test:kills` kills 100 times.
Deno.test("kill -9 of coordinator and participants loses nothing acknowledged and doubles nothing", async () => {
  const { coordinatorKills, participantKills, acknowledged } = await killUnderLoad(8, 3);
  assert.ok(coordinatorKills >= 2 && participantKills >= 2, "both kinds");
  assert.ok(acknowledged > 1000);
});

Deno.test("after a loss of power everybody comes back, and nobody is in the way of itself", async () => {
  await using group = await PersistentGroup.start();
  const ids = ["a", "b", "c", "d", "e"];
  const participants = await group.startAll(...ids);
  for (let i = 0; i < 10; i++) await tell(participants[i % 5]!, `msend ${i}`);
  for (const process of [group.coordinator, ...participants]) process.kill("SIGKILL");
  for (const process of [group.coordinator, ...participants]) await process.end();
  // They ask as soon as the coordinator is there, which still has them at their old addresses.
  const again = ids.map((id) => group.start(id, "--exec", "reconnect"));
  await group.restartCoordinator();
  await Promise.all(again.map((one) => one.event("ok")));
  await tell(again[0]!, "msend all are back");
  await group.caughtUp(...ids);
  const texts = [...Array.from({ length: 10 }, (_, i) => String(i)), "all are back"];
  for (const id of ids) assert.deepEqual(group.texts(id), texts);
});
