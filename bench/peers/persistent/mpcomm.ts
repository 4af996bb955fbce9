/**
 * mpcomm as its users run it: a coordinator and ten participants, all of them real processes with
 * stores and logs; a publisher that speaks the documented protocol, in the name of one of them.
 *
 * @module
 */

import { encodeFrame } from "../../../src/wire/framing.ts";
import { decodeCoordinatorReply } from "../../../src/wire/persistent_messages.ts";
import type { CoordinatorStatus } from "../../../src/wire/persistent_messages.ts";
import { selfCommand } from "../../../src/hosts/self_command.ts";
import { startService } from "./broker.ts";
import { AckCounter, ByteStream, lost } from "./byte_stream.ts";
import { frames } from "./frames.ts";
import { linesOf } from "./lines.ts";
import {
  type Contender,
  freePort,
  isPayload,
  now,
  payloadOf,
  type Publisher,
  type Service,
  type Subscriber,
  SUBSCRIBERS,
} from "./measurement.ts";

/** How long nobody looks whether all have everything, in milliseconds. */
const LOOK_MS = 5;

const encoder = new TextEncoder();

/** mpcomm with its own participants, which write what comes to disk; and with subscribers that keep
 * no log, as those of the brokers don't. */
export function mpcomm(): Contender[] {
  const common = { system: "mpcomm", acknowledged: "on disk" } as const;
  return [
    { ...common, setup: "participants with logs on disk", start: startWithParticipants },
    { ...common, setup: "subscribers without logs", start: startWithSubscribers },
  ];
}

async function startWithParticipants(folder: string): Promise<Service> {
  const { coordinator, port } = await startCoordinator(folder);
  const subscribers: Participant[] = [];
  for (let i = 0; i < SUBSCRIBERS; i++) subscribers.push(new Participant(i, port, folder));
  const service = {
    subscribers,
    connect: () => connect(port),
    async [Symbol.asyncDispose]() {
      await Promise.all(subscribers.map((subscriber) => subscriber.end()));
      coordinator.kill("SIGKILL"); // Its store is thrown away.
      await coordinator.status;
    },
  };
  try {
    await Promise.all(subscribers.map((subscriber) => subscriber.ready()));
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
  return service;
}

async function startWithSubscribers(folder: string): Promise<Service> {
  const { coordinator, port } = await startCoordinator(folder);
  return await startService("mpcomm", coordinator, port, () => connect(port));
}

async function startCoordinator(folder: string) {
  const port = freePort();
  const coordinator = start([
    ...["coordinator", "--listen", `127.0.0.1:${port}`, "--td", "3600"],
    ...["--store", `${folder}/messages.db`, "--json", "--quiet"],
  ]);
  const events = linesOf(coordinator.stdout);
  await untilEvent(events, (event) => event.event === "listening");
  void drain(events);
  return { coordinator, port };
}

function start(args: readonly string[]) {
  const { command, args: words } = selfCommand([...args]);
  return new Deno.Command(command, {
    args: words,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  })
    .spawn();
}

async function untilEvent(
  lines: AsyncIterator<string>,
  matches: (event: { readonly event: string; readonly [key: string]: unknown }) => boolean,
): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error("mpcomm has ended");
    if (matches(JSON.parse(value))) return;
  }
}

async function drain(lines: AsyncIterable<string>): Promise<void> {
  for await (const _ of lines) { /* Nobody wants to know. */ }
}

/** A participant's process. Its output goes to a shell's `>/dev/null`, as that of a service does; what
 * it has is in its log. */
class Participant implements Subscriber {
  readonly #port: number;
  readonly #id: string;
  readonly #log: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  constructor(number: number, port: number, folder: string) {
    this.#port = port;
    this.#id = idOf(number);
    this.#log = `${folder}/${this.#id}.log`;
    const { command, args } = selfCommand([
      ...["participant", "--id", this.#id, "--log", this.#log],
      ...["--coordinator", `127.0.0.1:${port}`, "--exec", "register", "--quiet"],
    ]);
    this.#child = new Deno.Command(command, {
      args,
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
  }

  /** Resolves when it is connected. */
  async ready(): Promise<void> {
    await this.#until(({ members }) =>
      members.some(({ id, connected }) => id === this.#id && connected)
    );
  }

  async received(count: number): Promise<number> {
    // What it has acknowledged is in its log.
    await this.#until(({ lastSeq, members }) =>
      lastSeq >= count && members.some(({ id, backlog }) => id === this.#id && backlog === 0)
    );
    return now();
  }

  async leave(): Promise<void> {
    await this.#type("disconnect");
    await this.#until(({ members }) =>
      members.some(({ id, state }) => id === this.#id && state === "offline")
    );
  }

  comeBack(): Promise<void> {
    return this.#type("reconnect");
  }

  async verify(count: number): Promise<void> {
    const lines = (await Deno.readTextFile(this.#log)).split("\n").filter((line) =>
      line !== "" && !line.startsWith("#")
    );
    if (lines.length !== count) throw new Error(`${this.#log} has ${lines.length} of ${count}`);
    for (const [i, line] of lines.entries()) {
      const [seq, , , text] = line.split("\t");
      const bytes = encoder.encode(text);
      if (Number(seq) !== i + 1 || !isPayload(bytes, 0, bytes.length, i)) {
        throw new Error(`${this.#log}: line ${i + 1} is not message ${i}`);
      }
    }
  }

  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#input.close().catch(() => {/* It has ended before. */});
    await this.#child.status;
  }

  async #type(command: string): Promise<void> {
    await this.#input.write(encoder.encode(`${command}\n`));
  }

  async #until(holds: (status: CoordinatorStatus) => boolean): Promise<void> {
    while (!holds(await statusOf(this.#port))) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

function idOf(number: number): string {
  return `sub${number}`;
}

/** Questions under way: ten that wait look at one answer. */
const asked = new Map<number, Promise<CoordinatorStatus>>();

function statusOf(port: number): Promise<CoordinatorStatus> {
  const known = asked.get(port);
  if (known !== undefined) return known;
  const status = askStatus(port).finally(() => asked.delete(port));
  asked.set(port, status);
  return status;
}

async function askStatus(port: number): Promise<CoordinatorStatus> {
  const answered = Promise.withResolvers<CoordinatorStatus>();
  const stream = await ByteStream.connect(
    port,
    frames((value) => {
      const reply = decodeCoordinatorReply(value);
      if (reply.type === "status") answered.resolve(reply);
      else answered.reject(new Error(JSON.stringify(reply)));
    }),
  );
  stream.write(encodeFrame({ type: "status" }));
  const status = await Promise.race([answered.promise, lost(stream)]);
  stream.close();
  return status;
}

async function connect(port: number): Promise<Publisher> {
  const acks = new AckCounter();
  let count = 0;
  const stream = await ByteStream.connect(
    port,
    frames((value) => {
      const reply = value as { readonly type: string };
      if (reply.type !== "ok") throw new Error(JSON.stringify(reply));
      count++;
    }, () => {
      acks.add(count);
      count = 0;
    }),
  );
  const prefix = crypto.randomUUID();
  let sent = 0;
  return {
    send: (number) =>
      stream.write(encodeFrame({
        ...{ type: "msend", request: `${prefix}-${++sent}`, id: idOf(0) },
        payload: payloadOf(number),
      })),
    acknowledged: (count) => Promise.race([acks.reach(count), lost(stream)]),
    close: () => {
      stream.close();
      return stream.ended;
    },
  };
}
