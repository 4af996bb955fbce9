/**
 * The architecture holds in all of `src/`, and the rules that check it catch what they should.
 *
 * @module
 */

import assert from "node:assert/strict";
import plugin from "../scripts/lint_plugin.ts";
import { filesBelow } from "./scripts/files_below.ts";

const ROOT = new URL("../", import.meta.url);

/** Lints `code` as if it were the file `path`; comments that switch rules off do nothing here. */
function violations(path: string, code: string): string[] {
  const file = new URL(path, ROOT).pathname;
  return Deno.lint.runPlugin(plugin, file, code).map(({ message }) => message);
}

Deno.test("every file in src lies in a layer and keeps the rules", async () => {
  const layers = new Set(
    ["cli", "hosts", "simulator", "checkers", "report", "wire", "history", "protocols"],
  );
  const found: string[] = [];
  let files = 0;
  for await (const path of filesBelow(new URL("src/", ROOT))) {
    files++;
    if (!layers.has(path.split("/")[0]!)) found.push(`src/${path}: not in a layer`);
    if (!path.endsWith(".ts")) continue;
    const code = await Deno.readTextFile(new URL(`src/${path}`, ROOT));
    for (const message of violations(`src/${path}`, code)) found.push(`src/${path}: ${message}`);
  }
  assert.ok(files > 10, "the walk must have found the source");
  assert.deepEqual(found, []);
});

/** Imports that a layer may have. */
const ALLOWED: [path: string, code: string][] = [
  ["src/cli/a.ts", `import { a } from "../hosts/a.ts"; import "../simulator/a.ts";`],
  ["src/cli/a.ts", `import { a } from "../checkers/a.ts"; export * from "../report/a.ts";`],
  ["src/cli/values/a.ts", `import { a } from "../b.ts"; import { b } from "../../hosts/b.ts";`],
  ["src/cli/a.ts", `import { run } from "@optique/run"; import process from "node:process";`],
  ["src/cli/version.ts", `import config from "../../deno.json" with { type: "json" };`],
  ["src/hosts/a.ts", `import { a } from "../wire/a.ts"; import { b } from "../protocols/b.ts";`],
  ["src/simulator/a.ts", `import { a } from "../history/a.ts"; await import("../wire/a.ts");`],
  ["src/checkers/a.ts", `import { a } from "../history/a.ts";`],
  ["src/report/a.ts", `import { ORDERS } from "../protocols/process.ts";`],
  ["src/wire/a.ts", `import type { A } from "../protocols/a.ts";`],
  ["src/wire/a.ts", `import { type A, type B } from "../protocols/a.ts";`],
  [
    "src/wire/a.ts",
    `export type { A } from "../protocols/a.ts"; type B = import("../protocols/b.ts").B;`,
  ],
  ["src/wire/a.ts", `import { FrameKind } from "../protocols/frame.ts";`],
  ["src/history/a.ts", `import { assert } from "../protocols/assert.ts";`],
  ["src/history/a.ts", `import { Random } from "../protocols/random.ts";`],
  ["src/protocols/ordering/a.ts", `import { a } from "../a.ts"; import { b } from "./b.ts";`],
  [
    "src/protocols/a.ts",
    `// import { a } from "../hosts/a.ts"\nconst text = 'import "../wire/a.ts"';`,
  ],
  ["tests/a.ts", `import { a } from "../src/protocols/a.ts"; import "../src/cli/a.ts";`],
];

for (const [path, code] of ALLOWED) {
  Deno.test(`${path} may say: ${code}`, () => {
    assert.deepEqual(violations(path, code), []);
  });
}

/** Imports that a layer may not have, one each. */
const FORBIDDEN: [path: string, code: string][] = [
  ["src/cli/a.ts", `import { a } from "../wire/a.ts";`],
  ["src/cli/a.ts", `import { a } from "../protocols/a.ts";`],
  ["src/cli/a.ts", `import { a } from "../history/a.ts";`],
  ["src/cli/a.ts", `import { a } from "../../scripts/a.ts";`],
  ["src/cli/a.ts", `const name = "../hosts/a.ts"; await import(name);`],
  ["src/hosts/a.ts", `import type { A } from "../cli/a.ts";`],
  ["src/hosts/a.ts", `import { a } from "../simulator/a.ts";`],
  ["src/hosts/a.ts", `import config from "../../deno.json" with { type: "json" };`],
  ["src/simulator/a.ts", `import { a } from "../hosts/a.ts";`],
  ["src/simulator/a.ts", `import { a } from "../checkers/a.ts";`],
  ["src/checkers/a.ts", `import { a } from "../hosts/a.ts";`],
  ["src/checkers/a.ts", `import type { A } from "../protocols/handshake.ts";`],
  ["src/report/a.ts", `import { a } from "../checkers/a.ts";`],
  ["src/wire/a.ts", `import { a } from "../protocols/a.ts";`],
  ["src/wire/a.ts", `import { type A, b } from "../protocols/a.ts";`],
  ["src/wire/a.ts", `import * as a from "../protocols/a.ts";`],
  ["src/wire/a.ts", `import "../protocols/a.ts";`],
  ["src/wire/a.ts", `export * from "../protocols/a.ts";`],
  ["src/wire/a.ts", `export { a } from "../protocols/a.ts";`],
  ["src/wire/a.ts", `await import("../protocols/a.ts");`],
  ["src/wire/a.ts", `import type { A } from "../history/a.ts";`],
  ["src/history/a.ts", `import { a } from "../protocols/a.ts";`],
  ["src/history/a.ts", `import type { A } from "../wire/a.ts";`],
  ["src/protocols/a.ts", `import type { A } from "../wire/a.ts";`],
  ["src/protocols/a.ts", `type A = import("../wire/a.ts").A;`],
  ["src/protocols/ordering/a.ts", `import { a } from "../../history/a.ts";`],
  ["src/protocols/a.ts", `import assert from "node:assert";`],
  ["src/protocols/a.ts", `import { Packr } from "msgpackr";`],
  ["src/protocols/a.ts", `import a = require("node:fs");`],
  ["src/protocols/a.ts", `// deno-lint-ignore mpcomm/layers\nimport { a } from "../hosts/a.ts";`],
];

for (const [path, code] of FORBIDDEN) {
  Deno.test(`${path} may not say: ${code}`, () => {
    const [first, ...rest] = violations(path, code);
    assert.match(first ?? "nothing found", /import/);
    assert.deepEqual(rest, []);
  });
}

/** What a protocol may not do, and the word that the finding must name. */
const IMPURE: [code: string, named: string][] = [
  [`Deno.readFileSync("x");`, "Deno"],
  [`const now = Date.now();`, "Date"],
  [`const now = new Date();`, "Date"],
  [`const table = { Date };`, "Date"],
  [`const clock = performance.now();`, "performance"],
  [`Math.random();`, "Math.random"],
  [`Math["random"]();`, "Math.random"],
  [`const { random } = Math;`, "Math.random"],
  [`const { random: draw } = Math;`, "Math.random"],
  [`crypto.getRandomValues(new Uint8Array(1));`, "crypto"],
  [`globalThis.crypto.randomUUID();`, "globalThis"],
  [`self.performance.now();`, "self.performance"],
  [`setTimeout(() => {}, 1);`, "setTimeout"],
  [`const later = setInterval;`, "setInterval"],
  [`queueMicrotask(() => {});`, "queueMicrotask"],
  [`setImmediate(() => {});`, "setImmediate"],
  [`fetch("http://127.0.0.1");`, "fetch"],
  [`async function f() {}`, "async"],
  [`const f = async () => {};`, "async"],
  [`const o = { async f() {} };`, "async"],
  [`class C { async f() {} }`, "async"],
  [`const f = async function* () {};`, "async"],
  [`const x = await y;`, "await"],
  [`for await (const x of y) z(x);`, "for await"],
  [`let p: Promise<void>;`, "Promise"],
  [`process.env.HOME;`, "process.env"],
  [`process["hrtime"]();`, "process.hrtime"],
  [`const here = import.meta.url;`, "import.meta"],
  [`const f = new Function("return Date");`, "Function"],
  ["const text = `${Date.now()}`;", "Date"],
];

for (const [code, named] of IMPURE) {
  Deno.test(`a protocol may not say: ${code}`, () => {
    const found = violations("src/protocols/ordering/a.ts", code);
    assert.ok(found.length > 0, "nothing found");
    for (const message of found) assert.match(message, new RegExp(`: ${RegExp.escape(named)} `));
    assert.deepEqual(violations("src/hosts/a.ts", code), [], "a host may");
  });
}

Deno.test("names in comments, texts and members don't make a protocol impure", () => {
  const code = `
    // Date, await, Math.random()
    /** Deno.listen, setTimeout */
    const text = "Date.now() " + 'fetch' + \`async\`;
    const event = { Date: 1, performance: 2, fetch() {} };
    event.Date + event.performance;
    interface Clock { Date: number; fetch(): void }
    for (const process of processes) self = process.id + Math.max(1, 2);
  `;
  assert.deepEqual(violations("src/protocols/a.ts", code), []);
});
