import assert from "node:assert/strict";
import { CoordinatorClient } from "../../src/hosts/coordinator_client.ts";
import { RequestStream } from "../../src/hosts/request_stream.ts";
import type { Request } from "../../src/protocols/persistent/messages.ts";
import { type Answerer, FakeCoordinator, ok, SILENCE } from "./fake_coordinator.ts";

const BUSY: Answerer = (request, number) => number === 1 ? null : ok(request, number);

function msend(request: string, bytes = 0): Request {
  return { type: "msend", request, id: "a", payload: new Uint8Array(bytes) };
}

function requestsOf(coordinator: FakeCoordinator): (string | undefined)[] {
  return coordinator.requests.map((request) => "request" in request ? request.request : undefined);
}

Deno.test("a request without an answer is sent again with the same ID", async () => {
  await using coordinator = await FakeCoordinator.start(BUSY);
  const troubles: string[] = [];
  const reply = await new CoordinatorClient(coordinator.address).ask(msend("x"), {
    onTrouble: (reason) => troubles.push(reason),
  });
  assert.deepEqual(reply, ok({ request: "x" }, 2));
  assert.deepEqual(requestsOf(coordinator), ["x", "x"]);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0]!, /^No answer from the coordinator at 127\.0\.0\.1:\d+ \(/);
});

Deno.test("a request waits for a coordinator that comes back", async () => {
  const first = await FakeCoordinator.start((request) => ok(request));
  const { address } = first;
  await first[Symbol.asyncDispose]();
  const started = Promise.withResolvers<FakeCoordinator>();
  const reply = await new CoordinatorClient(address).ask(msend("x"), {
    onTrouble: () => started.resolve(FakeCoordinator.start((request) => ok(request), address.port)),
  });
  assert.equal(reply.type, "ok");
  await (await started.promise)[Symbol.asyncDispose]();
});

Deno.test("patience ends, and a signal ends it earlier", async () => {
  await using coordinator = await FakeCoordinator.start(() => null);
  const client = new CoordinatorClient(coordinator.address);
  const noAnswer = /^Error: No answer from the coordinator at 127\.0\.0\.1:\d+ \(/;
  await assert.rejects(client.ask(msend("x"), { patienceMs: 200 }), noAnswer);
  const tries = coordinator.requests.length;
  assert.ok(tries > 1, `${tries}`);
  await assert.rejects(client.status({ isOnce: true }), noAnswer);
  assert.equal(coordinator.requests.length, tries + 1);
  const stop = new AbortController();
  const asked = client.ask(msend("y"), { signal: stop.signal, onTrouble: () => stop.abort() });
  await assert.rejects(asked);
});

Deno.test("a coordinator that says nothing is given up too", async () => {
  const arrived = Promise.withResolvers<void>();
  await using coordinator = await FakeCoordinator.start(({ request }) => {
    if (request === "y") arrived.resolve();
    return SILENCE;
  });
  const client = new CoordinatorClient(coordinator.address);
  const stop = new AbortController();
  await assert.rejects(client.ask(msend("x"), { patienceMs: 200 }), /no message came within/);
  const asked = client.ask(msend("y"), { signal: stop.signal });
  await Promise.race([arrived.promise, asked]);
  stop.abort();
  await assert.rejects(asked, /closed here/);
});

Deno.test("an answer that makes no sense ends it at once", async () => {
  const answers: readonly unknown[] = [
    { type: "list", members: [] },
    { type: "ok", request: "other", seq: 1, store: "s" },
    { type: "ok", request: "x", seq: -1, store: "s" },
    "hello",
  ];
  for (const answer of answers) {
    await using coordinator = await FakeCoordinator.start(() => answer);
    const client = new CoordinatorClient(coordinator.address);
    await assert.rejects(
      client.ask(msend("x")),
      /^Error: At 127\.0\.0\.1:\d+ is no coordinator that we understand: /,
    );
    assert.equal(coordinator.requests.length, 1);
    const stream = new RequestStream(coordinator.address);
    await assert.rejects(stream.send(msend("x")), /is no coordinator that we understand: /);
    await stream.close();
  }
});

Deno.test("a request that the coordinator can't read is answered too", async () => {
  const reply = { type: "error", request: "", reason: "Field id is wrong" };
  await using coordinator = await FakeCoordinator.start(() => reply);
  const expected = { ...reply, request: "x" };
  assert.deepEqual(await new CoordinatorClient(coordinator.address).ask(msend("x")), expected);
  const stream = new RequestStream(coordinator.address);
  assert.deepEqual(await stream.send(msend("x")), expected);
  await stream.close();
});

Deno.test("a stream sends all it has without waiting, over one connection", async () => {
  await using coordinator = await FakeCoordinator.start((request, number) => ok(request, number));
  const stream = new RequestStream(coordinator.address);
  const names = Array.from({ length: 500 }, (_, i) => `r${i}`);
  const replies = await Promise.all(names.map((name) => stream.send(msend(name))));
  assert.deepEqual(replies, names.map((request, i) => ok({ request }, i + 1)));
  assert.deepEqual([coordinator.connections, stream.waiting], [1, 0]);
  await stream.close();
});

Deno.test("a stream sends again what has no answer, in order, and only that", async () => {
  await using coordinator = await FakeCoordinator.start((request, number) =>
    number === 3 ? null : ok(request, number)
  );
  const troubles: string[] = [];
  const stream = new RequestStream(coordinator.address, {
    onTrouble: (reason) => troubles.push(reason),
  });
  const names = ["r1", "r2", "r3", "r4", "r5"];
  const replies = await Promise.all(names.map((name) => stream.send(msend(name))));
  assert.deepEqual(replies.map(({ request }) => request), names);
  // What the connection brought after the third request was not read.
  assert.deepEqual(requestsOf(coordinator), ["r1", "r2", "r3", "r3", "r4", "r5"]);
  assert.deepEqual([coordinator.connections, troubles.length], [2, 1]);
  await stream.close();
});

Deno.test("a stream has room for so many requests and bytes", async () => {
  const gate = Promise.withResolvers<void>();
  await using coordinator = await FakeCoordinator.start(async (request) => {
    await gate.promise;
    return ok(request);
  });
  for (const [count, bytes] of [[1024, 0], [4, 1024 * 1024 - 1024], [5, 1000 * 1000]] as const) {
    const stream = new RequestStream(coordinator.address);
    let hasRoom = true;
    const answers: Promise<unknown>[] = [];
    for (let i = 0; i < count; i++) answers.push(stream.send(msend(`${count}-${i}`, bytes)));
    const waiting = stream.untilRoom().then(() => hasRoom = true);
    hasRoom = false;
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(hasRoom, bytes === 1024 * 1024 - 1024, `${count} requests of ${bytes} bytes`);
    gate.resolve();
    await Promise.all([...answers, waiting]);
    await stream.close();
  }
});

Deno.test("a stream whose patience is over fails what waits, and what comes later", async () => {
  await using coordinator = await FakeCoordinator.start(() => SILENCE);
  const stream = new RequestStream(coordinator.address, { patienceMs: 200 });
  const [one, two] = await Promise.allSettled([stream.send(msend("1")), stream.send(msend("2"))]);
  for (const each of [one, two]) {
    assert.equal(each!.status, "rejected");
    assert.match(String((each as PromiseRejectedResult).reason), /no answer within 200 ms/);
  }
  await stream.untilRoom();
  await assert.rejects(stream.send(msend("3")));
  await stream.close();
});

Deno.test("a stream without requests needs no coordinator, and finds it again", async () => {
  const first = await FakeCoordinator.start((request) => ok(request, 1));
  const { address } = first;
  const troubles: string[] = [];
  const stream = new RequestStream(address, {
    patienceMs: 2000,
    onTrouble: (reason) => troubles.push(reason),
  });
  assert.deepEqual(await stream.send(msend("x")), ok({ request: "x" }, 1));
  await first[Symbol.asyncDispose]();
  await using second = await FakeCoordinator.start((request) => ok(request, 2), address.port);
  assert.deepEqual(await stream.send(msend("y")), ok({ request: "y" }, 2));
  assert.deepEqual(requestsOf(second), ["y"]);
  assert.ok(troubles.length <= 1, "it may have noticed only when it sent");
  await stream.close();
});
