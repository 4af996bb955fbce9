/**
 * etcd's locks: by its HTTP gateway on kept connections, with a lease that is kept alive; and
 * `etcdctl lock`, where a process is what is measured.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";
import {
  type Client,
  CLIENTS,
  type Contender,
  freePorts,
  type LeaseKind,
  pause,
  type Service,
} from "./measurement.ts";

/** How to get it. */
export const INSTALL = "apt-get install etcd-server etcd-client";

/** In seconds: what `etcdctl lock` takes by default, and the shortest that etcd grants. */
const TTL_SECONDS: Readonly<Record<LeaseKind, number>> = { default: 10, short: 2 };

/** etcd of one member, or of several that agree on each write. */
export function etcd(members: number): Contender {
  return {
    system: "etcd",
    setup: members === 1 ? "1 member" : `${members} members`,
    start: (folder) => startService(folder, members),
    kill: (folder, lease, kills) => killHolders(folder, members, TTL_SECONDS[lease], kills),
    countHops: null,
  };
}

async function startService(folder: string, members: number): Promise<Service> {
  const cluster = await Cluster.start(folder, members);
  const leases = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => Lease.grant(cluster.url(i), TTL_SECONDS.default)),
  );
  return {
    clients: leases.map((lease) => new HttpClient(lease, "bench")),
    runCommand: async () => {
      const { success } = await cluster.control(["lock", "command", "true"]).output();
      if (!success) throw new Error("etcdctl failed");
    },
    async [Symbol.asyncDispose]() {
      for (const lease of leases) lease[Symbol.dispose]();
      await cluster.end();
    },
  };
}

async function killHolders(
  folder: string,
  members: number,
  ttlSeconds: number,
  kills: number,
): Promise<Millis[]> {
  const cluster = await Cluster.start(folder, members);
  const times: Millis[] = [];
  try {
    for (let i = 0; i < kills; i++) {
      const name = `kill${i}`;
      await using holder = await Holder.start(cluster, name, ttlSeconds);
      using lease = await Lease.grant(cluster.url(i), ttlSeconds);
      const next = new HttpClient(lease, name).lock();
      // Signs of life go out at a rhythm: it is killed at any moment of it.
      await pause(300 + Math.random() * 1000 * ttlSeconds / 3);
      holder.kill();
      const since = performance.now();
      await next;
      times.push(performance.now() - since);
    }
  } finally {
    await cluster.end();
  }
  return times;
}

/** Processes of etcd. */
class Cluster {
  readonly #urls: readonly string[];
  readonly #processes: readonly Deno.ChildProcess[];

  static async start(folder: string, members: number): Promise<Cluster> {
    const ports = freePorts(2 * members);
    const urls = (offset: number) =>
      Array.from({ length: members }, (_, i) => `http://127.0.0.1:${ports[2 * i + offset]}`);
    const cluster = new Cluster(folder, urls(0), urls(1));
    await cluster.#untilReady();
    return cluster;
  }

  private constructor(folder: string, urls: readonly string[], peers: readonly string[]) {
    this.#urls = urls;
    const all = peers.map((url, i) => `m${i}=${url}`).join();
    this.#processes = urls.map((url, i) =>
      new Deno.Command("etcd", {
        args: [
          ...["--name", `m${i}`, "--data-dir", `${folder}/m${i}`, "--log-level", "error"],
          ...["--listen-client-urls", url, "--advertise-client-urls", url],
          ...["--listen-peer-urls", peers[i]!, "--initial-advertise-peer-urls", peers[i]!],
          ...["--initial-cluster", all, "--initial-cluster-state", "new"],
        ],
        stdout: "null",
        stderr: "null",
      }).spawn()
    );
  }

  /** Where the client of a number finds it: they are spread over the members. */
  url(client: number): string {
    return this.#urls[client % this.#urls.length]!;
  }

  /** A call of etcdctl. */
  control(args: readonly string[], options: Deno.CommandOptions = {}): Deno.Command {
    return new Deno.Command("etcdctl", {
      ...options,
      args: ["--endpoints", this.#urls.join(), ...args],
      env: { ETCDCTL_API: "3" },
    });
  }

  async end(): Promise<void> {
    for (const process of this.#processes) process.kill("SIGKILL"); // The store is thrown away.
    await Promise.all(this.#processes.map(({ status }) => status));
  }

  async #untilReady(): Promise<void> {
    let hasEnded = false;
    for (const { status } of this.#processes) void status.then(() => hasEnded = true);
    for (const url of this.#urls) {
      while (!await isHealthy(url)) {
        if (hasEnded) throw new Error("etcd has ended at once");
        await pause(50);
      }
    }
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`);
    return (await answer.json()).health === "true";
  } catch {
    return false; // It doesn't listen yet.
  }
}

/** A lease that is kept alive, as often as etcd's own clients do it. */
class Lease implements Disposable {
  readonly url: string;
  readonly id: string;
  readonly #timer: ReturnType<typeof setInterval>;

  static async grant(url: string, ttlSeconds: number): Promise<Lease> {
    const { ID } = await ask(url, "lease/grant", { TTL: String(ttlSeconds) });
    return new Lease(url, ID as string, ttlSeconds);
  }

  private constructor(url: string, id: string, ttlSeconds: number) {
    this.url = url;
    this.id = id;
    this.#timer = setInterval(
      () => void ask(url, "lease/keepalive", { ID: id }).catch(() => {/* The next one may do. */}),
      1000 * ttlSeconds / 3,
    );
  }

  /** Lets it run out. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** A client of the HTTP gateway. */
class HttpClient implements Client {
  readonly #lease: Lease;
  readonly #name: string;
  #key = "";

  constructor(lease: Lease, name: string) {
    this.#lease = lease;
    this.#name = btoa(name);
  }

  async lock(): Promise<null> {
    const { url, id } = this.#lease;
    const { key } = await ask(url, "lock/lock", { name: this.#name, lease: id });
    this.#key = key as string;
    return null; // The number is the revision that made the key; to ask for it costs a request more.
  }

  async unlock(): Promise<void> {
    await ask(this.#lease.url, "lock/unlock", { key: this.#key });
  }
}

/** A command under `etcdctl lock`, which is what is killed. */
class Holder implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** The number of its process. */
  #command = 0;

  static async start(cluster: Cluster, name: string, ttlSeconds: number): Promise<Holder> {
    const holder = new Holder(
      cluster.control(
        ["lock", "--ttl", String(ttlSeconds), "--", name, "sh", "-c", "echo $$; exec sleep 600"],
        { stdout: "piped", stderr: "null" },
      ).spawn(),
    );
    const reader = holder.#child.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    holder.#command = Number(new TextDecoder().decode(value));
    if (!(holder.#command > 0)) throw new Error("etcdctl lock has not locked");
    return holder;
  }

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Its command lives on, as an orphan. */
  async [Symbol.asyncDispose](): Promise<void> {
    Deno.kill(this.#command, "SIGKILL");
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}

/** Asks the gateway. */
async function ask(
  url: string,
  what: string,
  body: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/v3/${what}`, { method: "POST", body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`etcd: ${text}`);
  return JSON.parse(text);
}
