import assert from "node:assert/strict";
import {
  type ParticipantEvent,
  ParticipantHost,
  type ParticipantHostOptions,
} from "../../src/hosts/participant_host.ts";
import type { Address } from "../../src/wire/address.ts";
import { FakeCoordinator, FakeLink, ok } from "./fake_coordinator.ts";

/** A participant, and a coordinator that the test speaks for. */
class Stage implements AsyncDisposable {
  readonly #running: AsyncDisposableStack;
  readonly log: string;
  readonly coordinator: FakeCoordinator;
  readonly host: ParticipantHost;
  readonly events: ParticipantEvent[];

  static async open(
    answer: (request: { readonly type: string; readonly request?: string }) => unknown = ok,
    options: Partial<ParticipantHostOptions> = {},
  ): Promise<Stage> {
    await using running = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir();
    running.defer(() => Deno.remove(folder, { recursive: true }));
    const coordinator = running.use(await FakeCoordinator.start(answer));
    const log = `${folder}/a.log`;
    const events: ParticipantEvent[] = [];
    const host = await ParticipantHost.open({
      id: "a",
      log,
      coordinator: coordinator.address,
      takeOver: false,
      patienceMs: 5000,
      onEvent: (event) => events.push(event),
      ...options,
    });
    running.defer(() => host.close());
    return new Stage(running.move(), log, coordinator, host, events);
  }

  private constructor(
    running: AsyncDisposableStack,
    log: string,
    coordinator: FakeCoordinator,
    host: ParticipantHost,
    events: ParticipantEvent[],
  ) {
    this.#running = running;
    this.log = log;
    this.coordinator = coordinator;
    this.host = host;
    this.events = events;
  }

  /** Where the participant asked for its messages, and the session that it began. */
  get session(): { address: Address; session: string } {
    const asked = this.coordinator.requests.findLast((request) => "address" in request);
    assert.ok(asked !== undefined && "address" in asked);
    return { address: asked.address, session: asked.request };
  }

  /** Opens a delivery connection as a coordinator should. */
  async link(after = 0, words: Record<string, unknown> = {}): Promise<FakeLink> {
    const { address, session } = this.session;
    const link = await FakeLink.open(address);
    link.say({ type: "open", store: "store-1", id: "a", session, after, ...words });
    return link;
  }

  /** The texts in the log. */
  get logged(): string[] {
    const lines = Deno.readTextFileSync(this.log).split("\n").slice(0, -1);
    return lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t")[3]!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** Waits until the participant has acknowledged this much; less may come before. */
async function acknowledges(link: FakeLink, seq: number): Promise<void> {
  for (;;) {
    const reply = await link.hear();
    assert.ok(reply?.type === "logged", JSON.stringify(reply));
    assert.ok(reply.seq <= seq, `${reply.seq} is acknowledged, but not there`);
    if (reply.seq === seq) return;
  }
}

Deno.test("the port is open before the coordinator is asked", async () => {
  let heard: unknown;
  await using stage = await Stage.open(async (request) => {
    if (request.type === "register") {
      using link = await stage.link();
      heard = await link.hear();
    }
    return ok(request);
  });
  assert.deepEqual(await stage.host.register(), { ok: true, seq: 0 });
  const { session } = stage.session;
  assert.deepEqual(heard, { type: "opened", id: "a", session, logged: 0 });
});

Deno.test("what is acknowledged is in the log, and what comes again is dropped", async () => {
  await using stage = await Stage.open();
  await stage.host.register();
  using link = await stage.link();
  assert.equal((await link.hear())?.type, "opened");
  link.deliver(1, "one", "two");
  await acknowledges(link, 2);
  assert.deepEqual(stage.logged, ["one", "two"]);
  using next = await stage.link();
  const opened = await next.hear();
  assert.deepEqual(opened?.type === "opened" ? opened.logged : opened, 2);
  assert.equal(await link.hear(), null, "the connection before is closed");
  next.deliver(1, "one", "two", "three");
  await acknowledges(next, 3);
  assert.deepEqual(stage.logged, ["one", "two", "three"]);
  const told = stage.events.flatMap((event) => event.type === "message" ? event.message.seq : []);
  assert.deepEqual(told, [1, 2, 3]);
});

Deno.test("a sign of life is given while nothing is to be said", async () => {
  await using stage = await Stage.open();
  await stage.host.register();
  using link = await stage.link(5);
  assert.equal((await link.hear())?.type, "opened");
  for (let i = 0; i < 2; i++) assert.deepEqual(await link.hear(), { type: "logged", seq: 5 });
});

Deno.test("who asks for another ID or session, or makes no sense, is turned away", async () => {
  await using stage = await Stage.open();
  await stage.host.register();
  for (const words of [{ id: "b" }, { session: "old" }]) {
    using link = await stage.link(0, words);
    assert.equal((await link.hear())?.type, "error");
    assert.equal(await link.hear(), null);
  }
  for (const words of [{ type: "deliver" }, { after: -1 }, { type: "close", why: "left" }]) {
    using link = await stage.link(0, words);
    const reply = await link.hear();
    if (reply !== null) assert.equal(reply.type, "error");
  }
  using link = await stage.link();
  assert.equal((await link.hear())?.type, "opened");
  link.deliver(2, "there is a gap before this one");
  assert.equal(await link.hear(), null);
  using good = await stage.link();
  assert.equal((await good.hear())?.type, "opened");
  good.deliver(1, "one");
  await acknowledges(good, 1);
  assert.deepEqual(stage.logged, ["one"]);
});

Deno.test("another store's numbers begin anew, and the log says so", async () => {
  await using stage = await Stage.open();
  await stage.host.register();
  using link = await stage.link();
  assert.equal((await link.hear())?.type, "opened");
  link.deliver(1, "old one", "old two");
  await acknowledges(link, 2);
  using other = await stage.link(0, { store: "store-2" });
  const opened = await other.hear();
  assert.ok(opened?.type === "opened" && opened.logged === 0);
  other.deliver(1, "new one");
  await acknowledges(other, 1);
  assert.deepEqual(stage.logged, ["old one", "old two", "new one"]);
  assert.match(await Deno.readTextFile(stage.log), /\n# store store-2 after 0 for a\n1\t/);
});

Deno.test("who is told that another has its place is offline, and its port is free", async () => {
  await using stage = await Stage.open();
  await stage.host.register();
  const { address } = stage.session;
  using link = await stage.link();
  assert.equal((await link.hear())?.type, "opened");
  link.say({ type: "close", why: "replaced" });
  assert.equal(await link.hear(), null);
  assert.deepEqual([stage.host.state, stage.events.at(-1)], [
    "offline",
    { type: "changed", state: "offline", why: "replaced" },
  ]);
  Deno.listen({ hostname: address.host, port: address.port }).close();
  assert.equal((await stage.host.reconnect(address.port)).ok, true);
});

Deno.test("a coordinator that refuses leaves all as it was", async () => {
  const reason = "a is online at 10.0.0.1:5 already";
  await using stage = await Stage.open((request) => ({
    ...{ type: "error", request: request.request, reason, standing: "online" },
  }));
  assert.deepEqual(await stage.host.register(), { ok: false, reason });
  assert.equal(stage.host.state, "unregistered");
  const { address } = stage.session;
  Deno.listen({ hostname: address.host, port: address.port }).close();
  assert.equal(await Deno.readTextFile(stage.log), "");
});

/** What a coordinator says that has no members, or only a. */
function status(state?: "online" | "offline"): unknown {
  const address = { host: "127.0.0.1", port: 1 };
  const numbers = { backlog: 0, inFlight: 0, lastAckAgeMs: null };
  return {
    ...{ type: "status", store: "store-1", tdMs: 1000, lastSeq: 0, kept: 0, uptimeMs: 1 },
    rates: { storedPerSecond: 0, deliveredPerSecond: 0 },
    members: state === undefined ? [] : [{ id: "a", state, address, connected: false, ...numbers }],
  };
}

for (const [said, state] of [[undefined, "unregistered"], ["offline", "offline"]] as const) {
  Deno.test(`a coordinator whose status says ${said ?? "nothing of it"} makes it ${state}`, async () => {
    await using stage = await Stage.open((request) =>
      request.type === "status" ? status(said) : ok(request)
    );
    await stage.host.register();
    const { address } = stage.session;
    assert.equal((await stage.host.status()).state, state);
    assert.deepEqual(stage.events.at(-1), { type: "changed", state, why: null });
    Deno.listen({ hostname: address.host, port: address.port }).close();
  });
}

Deno.test("who is online and not connected asks by itself, until it is connected", async () => {
  const changed = Promise.withResolvers<void>();
  let said: "online" | undefined = "online";
  let asked = 0;
  await using stage = await Stage.open((request) => {
    if (request.type !== "status") return ok(request);
    if (++asked === 2) said = undefined;
    return status(said);
  }, {
    unconnectedMs: 20,
    onEvent: ({ type }) => type === "changed" && changed.resolve(),
  });
  await stage.host.register();
  await changed.promise;
  assert.deepEqual([stage.host.state, asked], ["unregistered", 2]);
});

Deno.test("a reconnection says from where messages will really come", async () => {
  await using stage = await Stage.open((request) => ok(request));
  await stage.host.register();
  using link = await stage.link();
  assert.equal((await link.hear())?.type, "opened");
  link.deliver(1, "one", "two");
  await acknowledges(link, 2);
  await stage.host.disconnect();
  // The coordinator hadn't saved yet what was acknowledged.
  assert.deepEqual(await stage.host.reconnect(), { ok: true, seq: 2 });
});
