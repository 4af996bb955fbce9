import assert from "node:assert/strict";

import { AWS_2020 } from "../../src/hosts/aws_2020.ts";
import { PERFECT_LINK } from "../../src/hosts/link_spec.ts";
import { createTopology, knownRegion, parseTopology, regionOf } from "../../src/hosts/topology.ts";
import { BUILT_IN_TOPOLOGIES, LAN, loadTopology } from "../../src/hosts/topology_file.ts";

function refuses(text: string, message: string): void {
  assert.throws(() => parseTopology(text, "topology.txt"), { name: "SyntaxError", message });
}

Deno.test("a line says what a link does both ways", () => {
  const topology = parseTopology("eu us delay=40ms,loss=1%", "topology.txt");
  assert.equal(topology.name, "topology.txt");
  assert.deepEqual(topology.regions, ["eu", "us"]);
  const link = { ...PERFECT_LINK, delayMs: 40, lossRate: 0.01 };
  assert.deepEqual(topology.link("eu", "us"), link);
  assert.deepEqual(topology.link("us", "eu"), link);
  assert.equal(topology.roundTripMs("us", "eu"), 80);
});

Deno.test("it doesn't matter which of the two regions a line names first", () => {
  const topology = parseTopology("a a delay=1ms\nb a delay=10ms", "topology.txt");
  assert.deepEqual(topology.regions, ["a", "b"]);
  assert.equal(topology.link("a", "b").delayMs, 10);
  assert.equal(topology.link("b", "a").delayMs, 10);
});

Deno.test("two lines say what it does each way, in either order", () => {
  for (const text of ["a b delay=10ms\nb a delay=30ms", "b a delay=30ms\na b delay=10ms"]) {
    const topology = parseTopology(text, "topology.txt");
    assert.equal(topology.link("a", "b").delayMs, 10);
    assert.equal(topology.link("b", "a").delayMs, 30);
    assert.equal(topology.roundTripMs("a", "b"), 40);
    assert.equal(topology.roundTripMs("b", "a"), 40);
  }
});

Deno.test("within a region the link is perfect unless a line says otherwise", () => {
  const topology = parseTopology("a a delay=1ms\na b delay=10ms", "topology.txt");
  assert.equal(topology.link("a", "a").delayMs, 1);
  assert.equal(topology.roundTripMs("a", "a"), 2);
  assert.deepEqual(topology.link("b", "b"), PERFECT_LINK);
});

Deno.test("comments, blank lines, tabs, CRLF and a byte order mark are no matter", () => {
  const text =
    "\uFEFF# three places\r\n\r\n  a\tb   delay=1ms # near\r\n\t\r\nb c#1 delay=2ms\r\na c#1 delay=3ms";
  const topology = parseTopology(text, "topology.txt");
  assert.deepEqual(topology.regions, ["a", "b", "c#1"]);
  assert.equal(topology.link("c#1", "a").delayMs, 3);
});

Deno.test("an error names the file and the line", () => {
  const expected = "Expected REGION REGION LINK, such as: eu us delay=40ms,jitter=5ms";
  refuses(
    "# first\n\na b dely=1ms",
    'topology.txt:3: The link has no "dely": use delay, jitter, loss, duplicate, reorder',
  );
  refuses(
    "a b delay=1",
    `topology.txt:1: The link's delay is wrong: "1" has no unit: write 1ms or 1s`,
  );
  refuses(
    "a b delay=1ms,loss=2",
    `topology.txt:1: The link's loss is wrong: "2" has no percent sign: write 2%`,
  );
  refuses("a b delay=1ms\r\na\r\n", `topology.txt:2: ${expected}`);
  refuses("a delay=1ms", `topology.txt:1: ${expected}`);
  refuses("a b # delay=1ms", `topology.txt:1: ${expected}`);
  refuses(
    "a b delay=1ms, loss=1%",
    'topology.txt:1: Unexpected "loss=1%": a link is written without blanks',
  );
  refuses("a b delay=1ms\n\na b loss=1%", "topology.txt:3: a b is already on line 1");
});

Deno.test("a missing pair is named", () => {
  refuses("a b delay=1ms\nc d delay=1ms", "topology.txt: No link between a and c");
  refuses("a a delay=1ms\nb b delay=1ms", "topology.txt: No link between a and b");
});

Deno.test("a topology without a region is refused", () => {
  for (const text of ["", "\n", "# nothing\n"]) {
    refuses(text, "topology.txt: There is no region: write REGION REGION LINK");
  }
  assert.throws(() => createTopology("empty", []), RangeError);
});

Deno.test("an unknown region is named, with the known ones", () => {
  const topology = parseTopology("a b delay=1ms", "topology.txt");
  const message = 'No region "x" in topology.txt: use a, b';
  for (
    const ask of [
      () => topology.link("x", "a"),
      () => topology.link("a", "x"),
      () => topology.roundTripMs("b", "x"),
      () => knownRegion(topology, "x"),
    ]
  ) assert.throws(ask, { name: "RangeError", message });
  assert.throws(() => topology.link("toString", "__proto__"), RangeError);
  assert.equal(knownRegion(topology, "b"), "b");
});

Deno.test("regions are given out in turn", () => {
  const topology = parseTopology("a b delay=1ms\nb c delay=1ms\na c delay=1ms", "topology.txt");
  assert.deepEqual([0, 1, 2, 3, 7].map((process) => regionOf(topology, process)), [
    "a",
    "b",
    "c",
    "a",
    "b",
  ]);
  for (const process of [-1, 0.5, NaN]) {
    assert.throws(() => regionOf(topology, process), RangeError);
  }
});

Deno.test("aws-2020 has the round trips that were measured", () => {
  const { regions } = AWS_2020;
  assert.equal(regions.length, 9);
  assert.equal(new Set(regions).size, 9);
  assert.equal(AWS_2020.roundTripMs("us-east-1", "us-west-2"), 72.5);
  assert.equal(AWS_2020.roundTripMs("eu-west-1", "eu-central-1"), 23.8);
  assert.equal(AWS_2020.roundTripMs("sa-east-1", "ap-southeast-1"), 338.1);
  assert.equal(AWS_2020.roundTripMs("ap-northeast-1", "ap-southeast-2"), 104.1);
  assert.equal(AWS_2020.roundTripMs("us-east-1", "us-east-1"), 0.3);
  assert.equal(AWS_2020.roundTripMs("ap-southeast-2", "ap-southeast-2"), 0.1);
  let sum = 0;
  for (const [i, a] of regions.entries()) {
    for (const [j, b] of regions.entries()) {
      const there = AWS_2020.link(a, b);
      assert.deepEqual(there, AWS_2020.link(b, a));
      assert.ok(Math.abs(there.jitterMs - there.delayMs / 100) < 1e-12);
      assert.equal(there.lossRate, 0);
      assert.ok(i === j ? there.delayMs < 0.2 : there.delayMs > 10);
      if (i <= j) sum += AWS_2020.roundTripMs(a, b);
    }
  }
  assert.ok(Math.abs(sum - 6019.2) < 1e-6, `the table's sum is ${sum}`);
});

Deno.test("lan is one region of fast links", () => {
  assert.deepEqual(LAN.regions, ["lan"]);
  assert.deepEqual(LAN.link("lan", "lan"), { ...PERFECT_LINK, delayMs: 0.1, jitterMs: 0.05 });
});

Deno.test("a shared link can't be changed by accident", () => {
  const topology = parseTopology("a b delay=1ms", "topology.txt");
  for (const link of [topology.link("a", "b"), topology.link("a", "a"), LAN.link("lan", "lan")]) {
    assert.ok(Object.isFrozen(link));
  }
  assert.ok(Object.isFrozen(AWS_2020.link("us-east-1", "us-west-2")));
});

Deno.test("a built-in topology is found by its name", async () => {
  for (const [name, topology] of BUILT_IN_TOPOLOGIES) {
    assert.equal(topology.name, name);
    assert.equal(await loadTopology(name), topology);
  }
});

Deno.test("any other name is a file", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/three regions.txt`;
    await Deno.writeTextFile(file, "a b delay=1ms\nb c dely=1ms\n");
    await assert.rejects(loadTopology(file), {
      name: "SyntaxError",
      message: `${file}:2: The link has no "dely": use delay, jitter, loss, duplicate, reorder`,
    });
    await Deno.writeTextFile(file, "a b delay=1ms\n");
    const topology = await loadTopology(file);
    assert.equal(topology.name, file);
    assert.deepEqual(topology.regions, ["a", "b"]);
  });
});

Deno.test("a file that can't be a topology is named in one line", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(loadTopology(`${folder}/none`), {
      message: `No topology "${folder}/none": name a file or one of aws-2020, lan`,
    });
    await assert.rejects(
      loadTopology(folder),
      (error: Error) =>
        error.message.startsWith(`The topology "${folder}" can't be read: `) &&
        !error.message.includes("\n"),
    );
    await Deno.writeFile(`${folder}/binary`, new Uint8Array([0xff, 0xfe, 0x00]));
    await assert.rejects(loadTopology(`${folder}/binary`), {
      name: "SyntaxError",
      message: `${folder}/binary: Not a text file in UTF-8`,
    });
    await Deno.writeTextFile(`${folder}/long`, "#".repeat(2 ** 20 + 1));
    await assert.rejects(loadTopology(`${folder}/long`), {
      message: `The topology "${folder}/long" is longer than 1048576 bytes`,
    });
    await Deno.writeTextFile(`${folder}/longest`, "#".repeat(2 ** 20 - 14) + "\na b delay=1ms");
    assert.deepEqual((await loadTopology(`${folder}/longest`)).regions, ["a", "b"]);
  });
});

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
