import assert from "node:assert/strict";
import fc from "fast-check";
import { Registry } from "../../src/protocols/registry.ts";

interface Peer {
  readonly name: string;
  readonly udp: { readonly host: string; readonly port: number };
  readonly control: { readonly host: string; readonly port: number };
}

/** A peer whose addresses follow from `port`, so that different ports never conflict. */
function peer(name: string, port: number, changes: Partial<Peer> = {}): Peer {
  const host = "10.0.0.1";
  return { name, udp: { host, port }, control: { host, port: port + 10_000 }, ...changes };
}

function registry(maxMembers = 1000): Registry<Peer> {
  return new Registry<Peer>({ leaseMs: 100, maxMembers });
}

function names(group: Registry<Peer>, now: number): string[] {
  return group.members(now).map(({ registrant }) => registrant.name);
}

Deno.test("members are listed in the order in which they registered", () => {
  const group = registry();
  for (const [i, name] of ["b", "10", "a", "9"].entries()) {
    assert.deepEqual(group.register(peer(name, i + 1), name, i), []);
  }
  assert.deepEqual(names(group, 4), ["b", "10", "a", "9"]);
  assert.deepEqual(group.members(4)[1], { registrant: peer("10", 2), registeredAt: 1 });
});

Deno.test("a lease ends exactly leaseMs after it began or was renewed", () => {
  const group = registry();
  assert.equal(group.deadline, Infinity);
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("b", 2), "L2", 10);
  assert.equal(group.deadline, 100);
  assert.equal(group.renew("a", "L1", 99).type, "valid");
  assert.equal(group.deadline, 110);
  assert.deepEqual(names(group, 109.9), ["a", "b"]);
  assert.deepEqual(group.expire(110), [peer("b", 2)]);
  assert.deepEqual(names(group, 198.9), ["a"]);
  assert.deepEqual(names(group, 199), []);
  assert.equal(group.deadline, Infinity);
});

Deno.test("a lease that has ended can't be renewed, and doesn't come back", () => {
  const group = registry();
  group.register(peer("a", 1), "L1", 0);
  assert.deepEqual(group.renew("a", "L1", 100), { type: "unknown" });
  assert.deepEqual(group.renew("a", "L1", 100), { type: "unknown" });
});

Deno.test("only the lease's owner can renew or deregister", () => {
  const group = registry();
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("b", 2), "L2", 0);
  assert.deepEqual(group.renew("a", "L2", 1), { type: "unknown" });
  assert.deepEqual(group.deregister("a", "L2", 1), { type: "unknown" });
  assert.deepEqual(group.deregister("c", "L1", 1), { type: "unknown" });
  assert.deepEqual(names(group, 1), ["a", "b"]);
  assert.deepEqual(group.deregister("a", "L1", 1), { type: "valid", registrant: peer("a", 1) });
  assert.deepEqual(group.deregister("a", "L1", 1), { type: "unknown" });
  assert.deepEqual(names(group, 1), ["b"]);
});

Deno.test("registering again under the same name replaces, and the old lease is told so", () => {
  const group = registry();
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("b", 2), "L2", 0);
  assert.deepEqual(group.register(peer("a", 3), "L3", 50), [peer("a", 1)]);
  assert.deepEqual(names(group, 50), ["b", "a"]);
  assert.deepEqual(group.renew("a", "L1", 60), { type: "replaced", by: "a" });
  assert.deepEqual(group.deregister("a", "L1", 60), { type: "replaced", by: "a" });
  assert.equal(group.renew("a", "L3", 60).type, "valid");
});

Deno.test("two names can't stand behind one UDP or control address: the later one replaces", () => {
  for (const shared of ["udp", "control"] as const) {
    const group = registry();
    const first = peer("a", 1);
    group.register(first, "L1", 0);
    const second = peer("b", 2, { [shared]: first[shared] });
    assert.deepEqual(group.register(second, "L2", 1), [first]);
    assert.deepEqual(names(group, 1), ["b"]);
    assert.deepEqual(group.renew("a", "L1", 2), { type: "replaced", by: "b" });
  }
});

Deno.test("the same port on two hosts, and UDP and control on one, are different addresses", () => {
  const group = registry();
  const one = { host: "10.0.0.1", port: 5 };
  const other = { host: "10.0.0.2", port: 5 };
  group.register({ name: "a", udp: one, control: one }, "L1", 0);
  group.register({ name: "b", udp: other, control: other }, "L2", 0);
  assert.deepEqual(names(group, 0), ["a", "b"]);
});

Deno.test("host names are compared without regard to case", () => {
  const group = registry();
  group.register(peer("a", 1, { udp: { host: "Host.Example", port: 5 } }), "L1", 0);
  group.register(peer("b", 2, { udp: { host: "host.example", port: 5 } }), "L2", 0);
  assert.deepEqual(names(group, 0), ["b"]);
});

Deno.test("one registration may replace several, and speaks for all that those had replaced", () => {
  const group = registry();
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("a", 1), "L2", 0);
  group.register(peer("b", 2), "L3", 0);
  const both = peer("a", 9, { udp: peer("b", 2).udp });
  assert.deepEqual(group.register(both, "L4", 1), [peer("a", 1), peer("b", 2)]);
  for (const lease of ["L1", "L2", "L3"]) {
    assert.deepEqual(group.renew("x", lease, 2), { type: "replaced", by: "a" });
  }
});

Deno.test("when the replacing member is gone, those it replaced may register again", () => {
  const group = registry();
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("b", 2, { udp: peer("a", 1).udp }), "L2", 0);
  assert.equal(group.renew("a", "L1", 99).type, "replaced");
  assert.equal(group.renew("a", "L1", 100).type, "unknown");
});

Deno.test("a full group turns newcomers away, but lets members register again", () => {
  const group = registry(2);
  group.register(peer("a", 1), "L1", 0);
  group.register(peer("b", 2), "L2", 50);
  assert.equal(group.register(peer("c", 3), "L3", 60), "full");
  assert.deepEqual(names(group, 60), ["a", "b"]);
  assert.deepEqual(group.register(peer("b", 4), "L4", 60), [peer("b", 2)]);
  assert.deepEqual(group.register(peer("c", 3), "L5", 100), []);
});

Deno.test("a process that registers over and over doesn't fill the memory", () => {
  const group = registry();
  for (let i = 0; i < 1000; i++) group.register(peer("a", 1), `L${i}`, 0);
  assert.equal(group.renew("a", "L999", 1).type, "valid");
  assert.equal(group.renew("a", "L998", 1).type, "replaced");
  assert.equal(group.renew("a", "L0", 1).type, "unknown");
});

/** The rules again, as simply as they can be said: a log of everything, searched from its end. */
class Model {
  readonly #log: { peer: Peer; lease: string; renewedAt: number; gone: boolean }[] = [];

  register(peer: Peer, lease: string, now: number): void {
    for (const entry of this.#alive(now)) {
      const isRival = entry.peer.name === peer.name || entry.peer.udp.port === peer.udp.port ||
        entry.peer.control.port === peer.control.port;
      if (isRival) entry.gone = true;
    }
    this.#log.push({ peer, lease, renewedAt: now, gone: false });
  }

  renew(name: string, lease: string, now: number): boolean {
    const entry = this.#find(name, lease, now);
    if (entry !== undefined) entry.renewedAt = now;
    return entry !== undefined;
  }

  deregister(name: string, lease: string, now: number): boolean {
    const entry = this.#find(name, lease, now);
    if (entry !== undefined) entry.gone = true;
    return entry !== undefined;
  }

  names(now: number): string[] {
    return this.#alive(now).map(({ peer }) => peer.name);
  }

  #alive(now: number) {
    for (const entry of this.#log) entry.gone ||= now >= entry.renewedAt + 100;
    return this.#log.filter((entry) => !entry.gone);
  }

  #find(name: string, lease: string, now: number) {
    return this.#alive(now).find((entry) => entry.peer.name === name && entry.lease === lease);
  }
}

Deno.test("any history gives the list that a simple model gives, and no two members conflict", () => {
  const step = fc.record({
    verb: fc.constantFrom("register", "renew", "deregister"),
    name: fc.constantFrom("a", "b", "c"),
    udpPort: fc.integer({ min: 1, max: 3 }),
    controlPort: fc.integer({ min: 1, max: 3 }),
    lease: fc.nat(20),
    waitMs: fc.nat(60),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const group = registry();
    const model = new Model();
    let now = 0;
    for (const [i, { verb, name, udpPort, controlPort, lease, waitMs }] of steps.entries()) {
      now += waitMs;
      if (verb === "register") {
        const host = "h";
        const udp = { host, port: udpPort };
        const control = { host, port: controlPort };
        group.register({ name, udp, control }, `L${i}`, now);
        model.register({ name, udp, control }, `L${i}`, now);
      } else if (verb === "renew") {
        const { type } = group.renew(name, `L${lease}`, now);
        assert.equal(type === "valid", model.renew(name, `L${lease}`, now));
      } else {
        const { type } = group.deregister(name, `L${lease}`, now);
        assert.equal(type === "valid", model.deregister(name, `L${lease}`, now));
      }
      assert.deepEqual(names(group, now), model.names(now));
      const udpPorts = group.members(now).map(({ registrant }) => registrant.udp.port);
      assert.equal(new Set(udpPorts).size, udpPorts.length);
    }
  }));
});
