import assert from "node:assert/strict";
import { ask, got, PersistentGroup, tell } from "./persistent_group.ts";

const TD_MS = 2000;

/** The assignment's own story, from end to end. */
Deno.test("who is away, comes late or leaves gets what the td rule promises, and no more", async () => {
  await using group = await PersistentGroup.start(TD_MS / 1000);
  const [a, b, c] = await group.startAll("a", "b", "c");
  await tell(a!, "msend to all");
  await Promise.all([a!, b!, c!].map((one) => got(one, "to all")));

  const old = Number(String((await c!.event("listening")).address).split(":")[1]);
  await tell(c!, "disconnect");
  // Its port is free again.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: old });
  await tell(b!, "msend while c is away");
  await tell(c!, "reconnect");
  await got(c!, "while c is away");
  listener.close();
  assert.notEqual(String(c!.events("listening")[1]!.address), `127.0.0.1:${old}`);

  // Away for longer than td. On a machine that stands still even the young one would be old: then
  // once more.
  for (let attempt = 1, isOver = false; !isOver; attempt++) {
    await tell(c!, "disconnect");
    await tell(b!, `msend old ${attempt}`);
    await new Promise((resolve) => setTimeout(resolve, TD_MS + 100));
    const begin = performance.now();
    await tell(b!, `msend young ${attempt}`);
    await tell(c!, "reconnect");
    isOver = performance.now() - begin < TD_MS;
    assert.ok(attempt < 5, "this machine is too slow");
    await tell(b!, `msend together again ${attempt}`);
    await got(c!, `together again ${attempt}`);
    const texts = group.texts("c").filter((text) => text.endsWith(` ${attempt}`));
    if (isOver) assert.deepEqual(texts, [`young ${attempt}`, `together again ${attempt}`]);
  }

  const [d] = await group.startAll("d");
  await tell(b!, "deregister");
  await tell(a!, "msend without b");
  await got(d!, "without b");
  assert.deepEqual(group.texts("d"), ["without b"]);
  assert.equal((await ask(b!, "msend nothing")).event, "error");
  await tell(b!, "register");
  await tell(b!, "msend b again");
  await Promise.all([a!, b!, c!, d!].map((one) => got(one, "b again")));
  assert.ok(!group.texts("b").includes("without b"));
  assert.ok(!group.texts("a").includes("nothing"));
  assertOneOrder(group, ["a", "b", "c", "d"]);
});

/** Whatever two have logged, they have in one sequence, and each once. */
function assertOneOrder(group: PersistentGroup, ids: readonly string[]): void {
  const texts = new Map<number, string>();
  for (const id of ids) {
    let last = 0;
    for (const { seq, at, sender, text } of group.log(id)) {
      assert.ok(seq > last, `${id} has ${seq} after ${last}`);
      last = seq;
      const message = `${at} ${sender} ${text}`;
      assert.equal(texts.get(seq) ?? message, message);
      texts.set(seq, message);
    }
  }
}
