import assert from "node:assert/strict";
import { countTests, failuresIn } from "../../scripts/junit.ts";

Deno.test("a report without tests, or none at all, counts nothing", () => {
  const nothing = { passed: 0, failed: 0, ignored: 0 };
  assert.deepEqual(countTests(""), nothing);
  assert.deepEqual(countTests(`<testsuites tests="0"></testsuites>`), nothing);
});

Deno.test("the report that deno test writes is counted test by test", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/a_test.ts`,
      `Deno.test("<failure a='1'> & \\">", () => {});
       Deno.test("fails </testcase>", () => { throw new Error("]]> <testcase> <skipped/>"); });
       Deno.test("steps", async (t) => {
         await t.step("one", () => {});
         await t.step("two", () => { throw new Error("two"); });
       });
       Deno.test.ignore("ignored", () => {});
       Deno.test("<skipped/>", () => {});`,
    );
    const args = ["test", "--no-config", "--junit-path=report.xml"];
    const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, stdin: "null" });
    assert.equal((await command.output()).success, false);
    const report = await Deno.readTextFile(`${folder}/report.xml`);
    // A step is a test in the report, and so is the test that it belongs to.
    assert.deepEqual(countTests(report), { passed: 3, failed: 3, ignored: 1 });
    const failures = failuresIn(report);
    assert.deepEqual(failures.map(({ name }) => name), [
      "./a_test.ts: fails </testcase>",
      "./a_test.ts: steps",
      "./a_test.ts: steps > two",
    ]);
    assert.match(failures[0]!.message, /]]> <testcase> <skipped\/>/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
