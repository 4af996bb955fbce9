import assert from "node:assert/strict";
import {
  type ChatEvent,
  type ChatGroupSource,
  ChatHost,
  type ChatHostOptions,
  type ChatMember,
} from "../../src/hosts/chat_host.ts";
import { listMembers, Registration } from "../../src/hosts/manager_client.ts";
import { ManagerServer } from "../../src/hosts/manager_server.ts";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import { encodeGreeting, isChatDatagram } from "../../src/wire/chat_messages.ts";

const LOOPBACK = "127.0.0.1";

/** A member that remembers what it was told, and says when something has come true. */
class TestMember implements AsyncDisposable {
  readonly events: ChatEvent[] = [];
  host!: ChatHost;
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];

  static async open(options: Omit<ChatHostOptions, "onEvent">): Promise<TestMember> {
    const member = new TestMember();
    member.host = await ChatHost.open({ ...options, onEvent: (event) => member.#take(event) });
    return member;
  }

  get transcript(): string[] {
    return this.events.flatMap((event) =>
      event.type === "deliver" ? [`${event.sender}:${event.seq}:${event.text}`] : []
    );
  }

  get members(): readonly string[] {
    return this.events.flatMap((event) => event.type === "view" ? [event.members] : []).at(-1) ??
      [];
  }

  get warnings(): string[] {
    return this.events.flatMap((event) => event.type === "warning" ? [event.reason] : []);
  }

  /** Resolves as soon as an event makes it hold. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.close();
  }

  #take(event: ChatEvent): void {
    this.events.push(event);
    const ready = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each));
    for (const { resolve } of ready) resolve();
  }
}

/** Addresses at which nobody listens at the moment. */
function freeAddresses(names: readonly string[]): ChatMember[] {
  const sockets = names.map(() =>
    Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port: 0 })
  );
  const members = sockets.map(({ addr }, i) => ({
    name: names[i]!,
    address: { host: LOOPBACK, port: (addr as Deno.NetAddr).port },
  }));
  for (const socket of sockets) socket.close();
  return members;
}

function staticGroup(...names: string[]): ChatGroupSource {
  return { kind: "static", members: freeAddresses(names) };
}

Deno.test("five members with 5 % loss have five identical transcripts", async () => {
  const names = ["ada", "ben", "cyd", "dot", "eve"];
  const group = staticGroup(...names);
  const link = { lossRate: 0.05, delayMs: 2, jitterMs: 2 };
  await using stack = new AsyncDisposableStack();
  const members: TestMember[] = [];
  for (const name of names.toReversed()) {
    members.push(stack.use(await TestMember.open({ name, group, link })));
  }
  await Promise.all(members.map((each) => each.until(() => each.members.length === 5)));
  const lines = 40;
  for (let i = 1; i <= lines; i++) {
    for (const [m, each] of members.entries()) each.host.say(`line ${i} of ${m}`);
    if (i % 5 === 0) await members[0]!.until(() => members[0]!.transcript.length >= i);
  }
  const isDone = (each: TestMember) => each.transcript.length === 5 * lines;
  await Promise.all(members.map((each) => each.until(() => isDone(each))));
  for (const each of members) assert.deepEqual(each.transcript, members[0]!.transcript);
  assert.equal(new Set(members[0]!.transcript).size, 5 * lines);
  for (const each of members) assert.equal(each.host.malformed, 0);
});

Deno.test("a member says for whom it waits, leaves with its last line delivered, and comes back", async () => {
  const group = staticGroup("ada", "ben", "cyd");
  await using ada = await TestMember.open({ name: "ada", group });
  await ada.until(() => ada.events.some(({ type }) => type === "waiting"));
  assert.deepEqual(ada.events[1], { type: "waiting", names: ["ben", "cyd"] });
  await using ben = await TestMember.open({ name: "ben", group });
  await using cyd = await TestMember.open({ name: "cyd", group });
  await Promise.all([ada, ben, cyd].map((each) => each.until(() => each.members.length === 3)));
  assert.deepEqual(ada.host.who.map(({ name, state }) => `${name} ${state}`), [
    "ada here",
    "ben here",
    "cyd here",
  ]);
  ben.host.say("my last word");
  await ben.host.leave();
  assert.throws(() => ben.host.say("one more"), /leaving/);
  await ben.host.close();
  await Promise.all([ada, cyd].map((each) => each.until(() => each.members.length === 2)));
  assert.deepEqual(ben.transcript, ["ben:1:my last word"]);
  assert.deepEqual(ada.transcript, ben.transcript);
  const view = ada.events.findLast(({ type }) => type === "view");
  assert.deepEqual(view, {
    type: "view",
    number: 2,
    members: ["ada", "cyd"],
    joined: [],
    left: ["ben"],
  });
  await using again = await TestMember.open({ name: "ben", group });
  await Promise.all([ada, again].map((each) => each.until(() => each.members.length === 3)));
  cyd.host.say("welcome");
  await again.until(() => again.transcript.length === 1);
  assert.deepEqual(again.transcript, ["cyd:1:welcome"]);
});

Deno.test("members of a manager's chat find each other, beside a peer that is no chat", async () => {
  const manager = await ManagerServer.listen({ host: LOOPBACK, port: 0 });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => manager.close());
  const stranger = Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port: 0 });
  stack.defer(() => stranger.close());
  const udp = { host: LOOPBACK, port: (stranger.addr as Deno.NetAddr).port };
  const peer = await Registration.open(manager.address, {
    name: "a peer",
    udp,
    control: { host: LOOPBACK, port: 9 },
    region: null,
  });
  stack.defer(() => peer.close());
  const group: ChatGroupSource = { kind: "manager", manager: manager.address };
  const ada = stack.use(await TestMember.open({ name: "ada", group }));
  const ben = stack.use(await TestMember.open({ name: "ben", group }));
  await ben.until(() => ben.members.length === 2);
  await ada.until(() => ada.members.length === 2);
  const [greeting] = await stranger.receive();
  assert.ok(isChatDatagram(greeting), "the stranger is greeted, and doesn't answer");
  const cyd = stack.use(await TestMember.open({ name: "cyd", group }));
  await Promise.all([ada, ben, cyd].map((each) => each.until(() => each.members.length === 3)));
  for (const each of [ada, ben, cyd]) each.host.say("hello");
  const all = [ada, ben, cyd];
  await Promise.all(all.map((each) => each.until(() => each.transcript.length === 3)));
  assert.deepEqual(ben.transcript, ada.transcript);
  assert.deepEqual(cyd.transcript, ada.transcript);
  await cyd.host.leave();
  await cyd.host.close();
  await ada.until(() => ada.members.length === 2);
  const names = (await listMembers(manager.address)).map(({ name }) => name);
  assert.deepEqual(names, ["a peer", "ada", "ben"]);
});

Deno.test("a comparison server is told that a chat's member takes part in no run", async () => {
  const manager = await ManagerServer.listen({ host: LOOPBACK, port: 0 });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => manager.close());
  const group: ChatGroupSource = { kind: "manager", manager: manager.address };
  stack.use(await TestMember.open({ name: "ada", group }));
  const [member] = await listMembers(manager.address);
  const connection = await connectTcp("peer", member!.control, { timeoutMs: 5000 });
  void connection.send({ type: "quit" });
  const reply = await connection.receive();
  assert.deepEqual(reply, { type: "refused", reason: "ada is in a chat and takes part in no run" });
  connection.close();
});

Deno.test("who can't listen, isn't in the list or finds no manager says so in one line", async () => {
  const taken = Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const onEvent = () => {};
  const address = { host: LOOPBACK, port };
  const members = [{ name: "ada", address }];
  await assert.rejects(
    ChatHost.open({ name: "ada", group: { kind: "static", members }, onEvent }),
    new RegExp(`^Error: Port ${port} on 127.0.0.1 is already in use$`),
  );
  await assert.rejects(
    ChatHost.open({ name: "ben", group: { kind: "static", members }, onEvent }),
    /^RangeError: ben is not among the members$/,
  );
  await assert.rejects(
    ChatHost.open({ name: "ada", group: { kind: "manager", manager: address }, onEvent }),
    new RegExp(`^Error: No manager at 127.0.0.1:${port} \\(connection refused\\)$`),
  );
  taken.close();
});

Deno.test("a host whose name nobody knows keeps the others waiting, and nobody crashes", async () => {
  const [ada] = freeAddresses(["ada"]);
  const ben = { name: "ben", address: { host: "nobody.invalid", port: 9 } };
  await using member = await TestMember.open({
    name: "ada",
    group: { kind: "static", members: [ada!, ben] },
  });
  await member.until(() => member.events.length >= 2);
  assert.deepEqual(member.events[1], { type: "waiting", names: ["ben"] });
  await member.host.leave();
});

Deno.test("malformed datagrams are counted and change nothing", async () => {
  const group = staticGroup("ada", "ben");
  await using ada = await TestMember.open({ name: "ada", group });
  const sender = Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port: 0 });
  const { host: hostname, port } = ada.host.address;
  const to: Deno.NetAddr = { transport: "udp", hostname, port };
  for (const hex of ["", "00", "9a0108", "990109", "9a01080101a16101a16101020304ff"]) {
    await sender.send(Uint8Array.fromHex(hex), to);
  }
  // The last one is well-formed: a ben who has other members in his list.
  const from = { name: "ben", nonce: 1, host: LOOPBACK, port: 9 };
  await sender.send(
    encodeGreeting({ group: 1, from, state: "outside", chat: 0, size: 0 }),
    to,
  );
  await ada.until(() => ada.warnings.length > 0);
  sender.close();
  assert.deepEqual(ada.warnings, ["ben has another list of members, or another manager"]);
  assert.equal(ada.host.malformed, 3);
  assert.deepEqual(ada.members, []);
});
