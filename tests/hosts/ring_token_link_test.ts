import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { RingTokenLink } from "../../src/hosts/ring_token_link.ts";
import { type ConnectionHandler, TcpServer } from "../../src/hosts/tcp_server.ts";
import type { TokenMessage } from "../../src/protocols/token_ring/messages.ts";
import { RingDatagrams } from "../../src/wire/ring_datagrams.ts";

const GROUP = 77;
const VIEW = {
  number: 1,
  members: [0, 1, 2].map((node) => ({ node, incarnation: 9, next: null })),
};

function token(sequence: number): TokenMessage {
  return {
    type: "token",
    to: 9,
    token: { epoch: 1, sequence, grants: 0, view: VIEW, waiting: [] },
  };
}

/** What successors hear, and the link to them. */
class Successors implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly link: RingTokenLink;
  readonly #servers: TcpServer[];
  #wake: () => void = () => {};

  private constructor(servers: TcpServer[]) {
    this.#servers = servers;
    const machines = servers.map(({ address }, node) => ({ name: `n${node}`, address }));
    const datagrams = new RingDatagrams({ group: GROUP, self: 0, size: machines.length });
    this.link = new RingTokenLink({ group: GROUP, name: "n0" }, machines, datagrams);
  }

  /** Three machines; the link is that of the first. */
  static async open(serve?: ConnectionHandler): Promise<Successors> {
    let all: Successors | null = null;
    const listen = (node: number) =>
      TcpServer.listen({ host: "127.0.0.1", port: 0 }, async (connection) => {
        const hello = await connection.receive();
        all?.tell(`${node} ${JSON.stringify(hello)}`);
        if (serve !== undefined) return await serve(connection);
        const datagrams = new RingDatagrams({ group: GROUP, self: node, size: 3 });
        await connection.receiveAll((body) => {
          const reading = datagrams.decode(body);
          assert.ok(typeof reading === "object" && reading.message.type === "token");
          all?.tell(`${node} ${reading.message.token.sequence}`);
        });
        all?.tell(`${node} end`);
      });
    return all = new Successors(await Promise.all([0, 1, 2].map(listen)));
  }

  tell(what: string): void {
    this.heard.push(what);
    this.#wake();
  }

  /** Resolves when this was heard. */
  async hears(what: string): Promise<void> {
    while (!this.heard.includes(what)) await new Promise<void>((done) => this.#wake = done);
  }

  /** Sends tokens from this one on until one goes over the connection, and returns its number. */
  async sendFrom(to: number, sequence: number): Promise<number> {
    while (!this.link.send(to, token(sequence))) {
      sequence++;
      await new Promise<void>((resolve) => setTimeout(resolve, 1)); // Nobody tells of a connection.
    }
    return sequence;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.link.close();
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

function hello(node: number): string {
  return `${node} ${
    JSON.stringify({ type: "tokens", group: GROUP, node: `n${node}`, from: "n0" })
  }`;
}

Deno.test("tokens go over a connection as soon as there is one", async () => {
  await using all = await Successors.open();
  assert.equal(all.link.send(1, token(1)), false, "there is no connection yet");
  const first = await all.sendFrom(1, 2);
  await all.hears(`1 ${first}`);
  for (let sequence = first + 1; sequence < first + 100; sequence++) {
    sequence = await all.sendFrom(1, sequence);
    await all.hears(`1 ${sequence}`);
  }
  assert.equal(all.heard.filter((what) => what === hello(1)).length, 1);
});

Deno.test("a token that is sent again goes as a datagram, and what comes next over another connection", async () => {
  await using all = await Successors.open();
  const first = await all.sendFrom(1, 1);
  await all.hears(`1 ${first}`);
  assert.equal(all.link.send(1, token(first)), false);
  await all.hears("1 end");
  assert.equal(all.link.send(1, token(first + 1)), false, "not at once");
  const next = await all.sendFrom(1, first + 2);
  await all.hears(`1 ${next}`);
  assert.equal(all.heard.filter((what) => what === hello(1)).length, 2);
});

Deno.test("another successor gets a connection of its own, and the one before has none any more", async () => {
  await using all = await Successors.open();
  const first = await all.sendFrom(1, 1);
  await all.hears(`1 ${first}`);
  assert.equal(all.link.send(2, token(first + 1)), false);
  await all.hears("1 end");
  const next = await all.sendFrom(2, first + 2);
  await all.hears(`2 ${next}`);
  assert.ok(all.heard.includes(hello(2)));
});

Deno.test("a successor that ends the connection gets datagrams, and is tried again", async () => {
  let connections = 0;
  await using all = await Successors.open(async (connection) => {
    connections++;
    await connection.receive(); // A token, and no more.
  });
  let sequence = 0;
  while (connections < 2) {
    sequence = await all.sendFrom(1, sequence + 1);
    // Until it is noticed that the connection has ended.
    while (all.link.send(1, token(++sequence))) await new Promise((resolve) => setTimeout(resolve));
  }
});

Deno.test("while nobody reads, tokens go as datagrams", async () => {
  const end = Promise.withResolvers<void>();
  await using all = await Successors.open(() => end.promise);
  let sequence = await all.sendFrom(1, 1);
  // The system keeps some of them; what it is given is taken within a few turns, or not at all.
  for (let misses = 0; misses < 50; sequence++) {
    misses = all.link.send(1, token(sequence)) ? 0 : misses + 1;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  end.resolve();
});

Deno.test("nothing goes over a link that was closed", async () => {
  await using all = await Successors.open();
  const first = await all.sendFrom(1, 1);
  await all.hears(`1 ${first}`);
  all.link.close();
  await all.hears("1 end");
  for (let i = 1; i < 10; i++) {
    assert.equal(all.link.send(1, token(first + i)), false);
    await new Promise((resolve) => setTimeout(resolve));
  }
});
