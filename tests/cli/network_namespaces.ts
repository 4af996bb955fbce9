/**
 * Several machines on one: network namespaces of Linux with an address each, on a switch of their
 * own. What runs in one of them sees nothing but the others.
 *
 * The addresses are of the ranges that are set aside for such use (RFC 2544 and RFC 3849). The
 * switch is in a namespace of its own too, so the machine's own network stays as it is, and several
 * of these can be there at once.
 *
 * @module
 */

/** The switch, and the one for those that are cut off. */
const HUB = "hub";
const ASIDE = "aside";

/** An emulated machine. */
export interface Machine {
  /** 198.18.0.N. */
  readonly address: string;
  /** 2001:db8::N, without brackets. */
  readonly address6: string;
  /** Words that, in front of a command, run it there. */
  readonly prefix: readonly string[];
}

/** Machines on one network. */
export class Machines implements AsyncDisposable {
  readonly #names: readonly string[];
  /** The machines, all connected. */
  readonly all: readonly Machine[];

  /** Makes so many. */
  static async create(count: number): Promise<Machines> {
    const id = crypto.randomUUID().slice(0, 8);
    const names = Array.from({ length: count + 1 }, (_, i) => `mpcomm-${id}-${i}`);
    await using machines = new AsyncDisposableStack();
    const made = machines.use(new Machines(names));
    const [hub, ...ends] = names;
    await ip("netns", "add", hub!);
    await ip("-n", hub!, "link", "add", HUB, "type", "bridge");
    await ip("-n", hub!, "link", "set", HUB, "up");
    for (const [i, name] of ends.entries()) await plugIn(hub!, name, i + 1);
    machines.move();
    return made;
  }

  private constructor(names: readonly string[]) {
    this.#names = names;
    this.all = names.slice(1).map((name, i) => ({
      address: `198.18.0.${i + 1}`,
      address6: `2001:db8::${i + 1}`,
      prefix: ["ip", "netns", "exec", name],
    }));
  }

  /** Cuts the first so many off from the others, until they are joined again. */
  async part(count: number): Promise<void> {
    await ip("-n", this.#hub, "link", "add", ASIDE, "type", "bridge");
    await ip("-n", this.#hub, "link", "set", ASIDE, "up");
    for (let i = 1; i <= count; i++) await this.#plug(i, ASIDE);
  }

  /** Joins all again. */
  async join(): Promise<void> {
    for (let i = 1; i <= this.all.length; i++) await this.#plug(i, HUB);
    await ip("-n", this.#hub, "link", "delete", ASIDE);
  }

  /** Takes them away. The processes in them should have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await ip("netns", "delete", name).catch(() => {}); // Never made.
  }

  get #hub(): string {
    return this.#names[0]!;
  }

  async #plug(number: number, bridge: string): Promise<void> {
    await ip("-n", this.#hub, "link", "set", `port${number}`, "master", bridge);
  }
}

/** Why there can be no namespaces here; null if there can. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (Deno.build.os !== "linux") return "network namespaces are there on Linux only";
  if (Deno.uid() !== 0) return "network namespaces take root";
  try {
    await using _machines = await Machines.create(1);
    return null;
  } catch (error) {
    return `network namespaces can't be made here: ${(error as Error).message}`;
  }
}

async function plugIn(hub: string, name: string, number: number): Promise<void> {
  await ip("netns", "add", name);
  const port = `port${number}`;
  await ip("-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name);
  await ip("-n", hub, "link", "set", port, "master", HUB, "up");
  await ip("-n", name, "link", "set", "lo", "up");
  await ip("-n", name, "address", "add", `198.18.0.${number}/24`, "dev", "eth0");
  // Nobody else has this address: it can be used at once.
  await ip("-n", name, "address", "add", `2001:db8::${number}/64`, "dev", "eth0", "nodad");
  await ip("-n", name, "link", "set", "eth0", "up");
}

async function ip(...args: string[]): Promise<void> {
  await run(["ip", ...args]);
}

async function run(words: readonly string[]): Promise<void> {
  const [command, ...args] = words;
  const { success, stderr } = await new Deno.Command(command!, { args, stdout: "null" }).output();
  if (success) return;
  throw new Error(`${words.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
