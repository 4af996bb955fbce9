import assert from "node:assert/strict";
import { RequestStream } from "../../src/hosts/request_stream.ts";
import { PersistentGroup, tell } from "./persistent_group.ts";
import { Member } from "./persistent_member.ts";

// How fast it is says bench/persistent_crowd.ts.
Deno.test("of 50 participants one is stopped and one dead: all others get everything", async () => {
  await using group = await PersistentGroup.start();
  const [a, stopped, dead] = await group.startAll("a", "stopped", "dead");
  await using crowd = new AsyncDisposableStack();
  const members = await Promise.all(
    Array.from({ length: 47 }, (_, i) => Member.register(`m${i}`, group.address)),
  );
  for (const member of members) crowd.use(member);
  stopped!.kill("SIGSTOP");
  dead!.kill("SIGKILL");
  await dead!.end();
  const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
  for (const text of texts) await tell(a!, `msend ${text}`);
  await Promise.all(members.map((member) => member.received(texts.length)));
  await a!.count("message", texts.length);
  const decoder = new TextDecoder();
  for (const { messages } of members) {
    assert.deepEqual(messages.map(({ payload }) => decoder.decode(payload)), texts);
  }
  assert.deepEqual(group.texts("dead"), []);
  stopped!.kill("SIGCONT");
  await stopped!.count("message", texts.length);
  const restarted = group.start("dead", "--exec", "reconnect");
  await restarted.count("message", texts.length);
  await group.caughtUp("a", "stopped", "dead");
  for (const id of ["a", "stopped", "dead"]) assert.deepEqual(group.texts(id), texts);
});

Deno.test("a stopped participant delays nobody, and its backlog stays in the store", async () => {
  await using group = await PersistentGroup.start();
  const [a, slow] = await group.startAll("a", "slow");
  slow!.kill("SIGSTOP");
  const stream = new RequestStream(group.address);
  await using _ = { [Symbol.asyncDispose]: () => stream.close() };
  const payload = new Uint8Array(4000).fill("x".charCodeAt(0));
  const count = 5000;
  const answers = [];
  for (let i = 0; i < count; i++) {
    await stream.untilRoom();
    answers.push(stream.send({ type: "msend", request: `r${i}`, id: "a", payload }));
  }
  for (const { type } of await Promise.all(answers)) assert.equal(type, "ok");
  // 20 MB; at most about one of them is on its way to who doesn't take it.
  const { members } = await group.settled(({ members }) =>
    members.some(({ id, backlog }) => id === "a" && backlog === 0)
  );
  const one = members.find(({ id }) => id === "slow")!;
  assert.equal(one.backlog, count);
  assert.ok(one.inFlight <= 2 ** 20 / payload.length + 1, `${one.inFlight} are on their way`);
  slow!.kill("SIGCONT");
  await group.caughtUp("a", "slow");
  assert.deepEqual(group.log("slow"), group.log("a"));
  assert.deepEqual(group.log("a").map(({ seq }) => seq), answers.map((_, i) => i + 1));
  await tell(a!, "msend and on it goes");
  await slow!.event("message", ({ text }) => text === "and on it goes");
});
