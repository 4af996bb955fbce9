import assert from "node:assert/strict";
import { loadMembers, MEMBERS_MAX, parseMembers } from "../../src/cli/members_file.ts";

const ALICE = { name: "alice", address: { host: "127.0.0.1", port: 7001 } };
const BOB = { name: "bob", address: { host: "::1", port: 7002 } };

Deno.test("members are read from lines with comments, blank lines and any line breaks", () => {
  for (
    const text of [
      "alice 127.0.0.1:7001\nbob [::1]:7002\n",
      "alice 127.0.0.1:7001\r\nbob [::1]:7002",
      "\uFEFF# who\r\n\r\n  alice\t127.0.0.1:7001  # here\r\n#\n \t\nbob   [0:0::1]:7002 \r\n\r\n",
    ]
  ) {
    assert.deepEqual(parseMembers(text, "peers.txt"), [ALICE, BOB], text);
  }
});

Deno.test("members are read from a JSON object, in its sequence", () => {
  for (
    const text of [
      '{"alice": "127.0.0.1:7001", "bob": "[::1]:7002"}',
      '\uFEFF\r\n {\r\n\t"al\\u0069ce" : "127.0.0.1:7001" ,\r\n"bob":"[::1]:7002"\r\n}\r\n',
    ]
  ) {
    assert.deepEqual(parseMembers(text, "peers.json"), [ALICE, BOB], text);
  }
  // A JavaScript object would put the numbers first.
  const numbers = parseMembers('{"b": "h:1", "2": "h:2", "1": "h:3", "constructor": "h:4"}', "f");
  assert.deepEqual(numbers.map(({ name }) => name), ["b", "2", "1", "constructor"]);
});

/** Bad files, and the message for each. */
const REFUSED: Readonly<Record<string, string>> = {
  "": "f: names nobody",
  "# nobody\n\n": "f: names nobody",
  "{}": "f: names nobody",
  "alice": "f:1: expected NAME HOST:PORT, found no address",
  "\n# x\nalice h:1 h:2": "f:3: expected NAME HOST:PORT, found 3 fields",
  "alice h": 'f:1: "h" has no port: expected HOST:PORT',
  "alice h:0": 'f:1: "h:0" has no port from 1 to 65535 after the host',
  "alice ::1:5": 'f:1: "::1:5" needs brackets around its IPv6 address: write [::1]:5',
  "-a h:1": 'f:1: expected a name of 1 to 64 letters, digits, ".", "-", "_" and ":", got "-a"',
  "a h:1\nb h:2\r\na h:3": "f:3: a is already on line 1",
  "a h:1\n\nb H:1": "f:3: H:1 is the address of a on line 1",
  "a [::1]:1\nb [0::1]:1": "f:2: [::1]:1 is the address of a on line 1",
  '{\n"a": "h:1",\n"b": "h:2",\n"a": "h:3"}': "f:4: a is already on line 2",
  '{"a": "h:1",\n"\\u0061": "h:2"}': "f:2: a is already on line 1",
  '{"a": "h:1",\n"b": "h:1"}': "f:2: h:1 is the address of a on line 1",
  '{\n"a": 5}': 'f:2: expected the address of "a" in double quotes, found "5}"',
  '{\n"a": {"b": "h:1"}}':
    'f:2: expected the address of "a" in double quotes, found "{\\"b\\": \\"h:1\\"}}"',
  '{"a": "h:1",\n}': 'f:2: expected a name in double quotes, found "}"',
  '{"a": "h:1"\n"b": "h:2"}': 'f:2: expected "," or "}", found "\\"b\\": \\"h:2\\"}"',
  '{"a" "h:1"}': 'f:1: expected ":" after "a", found "\\"h:1\\"}"',
  '{"a": "h:1"}\n{': 'f:2: expected the end of the file, found "{"',
  '{"a": "h:1"': 'f:1: expected "," or "}", found the end of the file',
  '{"a": "h\n:1"}': 'f:1: expected the address of "a" in double quotes, found "\\"h"',
  "{'a': 'h:1'}": "f:1: expected a name in double quotes, found \"'a': 'h:1'}\"",
  '\n["a"]': 'f:2: expected an object {"NAME": "HOST:PORT"}, found "[\\"a\\"]"',
  '{"a": "h"}': 'f:1: "h" has no port: expected HOST:PORT',
};

Deno.test("what is wrong with a file is said with its line", () => {
  for (const [text, message] of Object.entries(REFUSED)) {
    assert.throws(() => parseMembers(text, "f"), { name: "SyntaxError", message }, text);
  }
});

Deno.test("a group has a bounded number of members", () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `p${i} 127.0.0.1:${i + 1}`).join("\n");
  assert.equal(parseMembers(lines(MEMBERS_MAX), "f").length, MEMBERS_MAX);
  assert.throws(() => parseMembers(lines(MEMBERS_MAX + 1), "f"), {
    message: `f:${MEMBERS_MAX + 1}: a group has at most ${MEMBERS_MAX} members`,
  });
});

Deno.test("files that can't be read are named", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/peers`;
    await assert.rejects(loadMembers(path), { message: `${path}: no such file or folder` });
    await assert.rejects(loadMembers(dir), new RegExp(`^Error: ${dir}: .*directory`));
    await Deno.writeFile(path, new Uint8Array([0x61, 0xff]));
    await assert.rejects(loadMembers(path), { message: `${path}: not a text file in UTF-8` });
    await Deno.writeTextFile(path, "#".repeat(2 ** 20 + 1));
    await assert.rejects(loadMembers(path), { message: `${path}: longer than 1048576 bytes` });
    await Deno.writeTextFile(path, "alice 127.0.0.1:7001\n");
    assert.deepEqual(await loadMembers(path), [ALICE]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
