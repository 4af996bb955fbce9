import assert from "node:assert/strict";
import {
  groupsBelow,
  isInBackground,
  isTerminalTaken,
  listProcesses,
  mayHandOnTerminal,
  parseProcesses,
  type ProcessTable,
} from "../../src/hosts/process_table.ts";

/** A table of processes: number, parent, group and the group that has the terminal. */
function tableOf(...rows: [number, number, number, number][]): ProcessTable {
  return new Map(rows.map(([pid, parent, group, terminalGroup]) => {
    return [pid, { pid, parent, group, terminalGroup, isZombie: false }];
  }));
}

Deno.test({
  name: "this process and what lists it are where they should be",
  ignore: Deno.build.os === "windows",
  async fn() {
    const table = await listProcesses();
    const own = table.get(Deno.pid)!;
    assert.equal(own.parent, Deno.ppid);
    assert.ok(own.group > 0);
    const below = table.values().filter((row) => row.parent === Deno.pid).toArray();
    assert.ok(below.length > 0, "the lister is a child of this process");
    for (const { group } of below) assert.notEqual(group, own.group);
  },
});

Deno.test("names with brackets, spaces and line breaks don't confuse the reader of /proc", () => {
  const table = parseProcesses(
    "7 (a) S 1) S 1 7 7 34816 9 4194304 1\n8 (b\n8 (c) Z 9 8) Z 7 7 7 0 -1 4194304 2\n",
  );
  assert.deepEqual([...table.values()], [
    { pid: 7, parent: 1, group: 7, terminalGroup: 9, isZombie: false },
    { pid: 8, parent: 7, group: 7, terminalGroup: -1, isZombie: true },
  ]);
});

Deno.test("the answer of ps is understood as well", () => {
  const table = parseProcesses("    1 Ss       0     1     0\n  412 Z+      1   400   400\n");
  assert.deepEqual([...table.values()], [
    { pid: 1, parent: 0, group: 1, terminalGroup: 0, isZombie: false },
    { pid: 412, parent: 1, group: 400, terminalGroup: 400, isZombie: true },
  ]);
});

Deno.test("groups are those of a process and of all below it", () => {
  const table = tableOf([1, 0, 1, 0], [5, 1, 5, 0], [6, 5, 5, 0], [7, 6, 7, 0], [8, 1, 8, 0]);
  assert.deepEqual([...groupsBelow(table, 5)], [5, 7]);
  assert.deepEqual([...groupsBelow(table, 99)], []);
});

Deno.test("a table that goes round in circles has an end", () => {
  assert.deepEqual([...groupsBelow(tableOf([5, 6, 5, 0], [6, 5, 6, 0]), 9)], []);
});

Deno.test("the terminal is handed on unless somebody beside the process may want it", () => {
  const shell: [number, number, number, number] = [2, 1, 2, 3];
  const alone = tableOf(shell, [3, 2, 3, 3], [4, 3, 3, 3]);
  assert.ok(mayHandOnTerminal(alone, 3));
  const inScript = tableOf(shell, [3, 2, 3, 3], [4, 3, 3, 3]);
  assert.ok(mayHandOnTerminal(inScript, 4), "who waits for it doesn't want the terminal");
  const beforePager = tableOf(shell, [3, 2, 3, 3], [4, 2, 3, 3]);
  assert.ok(!mayHandOnTerminal(beforePager, 3));
  const inBackground = tableOf([2, 1, 2, 2], [3, 2, 3, 2]);
  assert.ok(!mayHandOnTerminal(inBackground, 3));
  assert.ok(isInBackground(inBackground, 3));
  assert.ok(!isInBackground(alone, 3));
  assert.ok(
    !isInBackground(tableOf([3, 1, 3, -1]), 3),
    "without a terminal there is no background",
  );
});

Deno.test("a terminal is taken if it is with somebody who lives and isn't below the launcher", () => {
  const taken = tableOf([2, 1, 2, 2], [5, 2, 5, 2], [6, 5, 6, 2]);
  assert.ok(isTerminalTaken(taken, 6, 5));
  assert.ok(
    !isTerminalTaken(tableOf([2, 1, 2, 7], [5, 2, 5, 7], [6, 5, 6, 7], [7, 6, 7, 7]), 6, 5),
  );
  assert.ok(!isTerminalTaken(tableOf([5, 2, 5, 7], [6, 5, 6, 7]), 6, 5), "nobody of it is left");
  assert.ok(!isTerminalTaken(tableOf([5, 2, 5, -1], [6, 5, 6, -1]), 6, 5));
});
