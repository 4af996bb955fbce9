import assert from "node:assert/strict";
import fc from "fast-check";
import { parseParticipantInput, splitCommands } from "../../src/cli/participant_input.ts";

Deno.test("commands are read with blanks around them, and ports where they may stand", () => {
  for (const command of ["deregister", "disconnect", "status", "quit"] as const) {
    assert.deepEqual(parseParticipantInput(`  ${command} `), { command });
  }
  for (const command of ["register", "reconnect"] as const) {
    assert.deepEqual(parseParticipantInput(command), { command, port: undefined });
    assert.deepEqual(parseParticipantInput(`${command}  4001 `), { command, port: 4001 });
    assert.deepEqual(parseParticipantInput(`${command} 0`), { command, port: 0 });
    for (const port of ["65536", "-1", "x", "1.5", "1 2"]) {
      assert.equal(parseParticipantInput(`${command} ${port}`)?.command, null, port);
    }
  }
  for (const line of ["", " ", "\t"]) assert.equal(parseParticipantInput(line), null);
});

Deno.test("what follows msend and one space is the message, whatever it says", () => {
  assert.deepEqual(parseParticipantInput("msend"), { command: "msend", text: "" });
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.deepEqual(parseParticipantInput(`msend ${text}`), { command: "msend", text });
    assert.deepEqual(parseParticipantInput(`  msend ${text}`), { command: "msend", text });
  }));
  for (const line of ["msend\thello", "msends", "Msend x"]) {
    assert.equal(parseParticipantInput(line)?.command, null, line);
  }
});

Deno.test("an unknown command is answered with what may be meant", () => {
  const reasonOf = (line: string) => {
    const input = parseParticipantInput(line);
    assert.ok(input !== null && input.command === null, line);
    return `${input.word}: ${input.reason}`;
  };
  assert.equal(
    reasonOf("recconect 5"),
    'recconect: no command "recconect": did you mean reconnect?',
  );
  assert.match(reasonOf("hello"), /^hello: no command "hello": use register \[port\], .*, quit$/);
  assert.equal(reasonOf("quit now"), "quit: quit takes nothing after it");
});

Deno.test("semicolons and line breaks cut commands, unless a backslash stands before", () => {
  const cases: readonly (readonly [script: string, lines: readonly string[]])[] = [
    ["", []],
    [" ; ;; ", []],
    ["register; msend hello", ["register", " msend hello"]],
    ["register\nmsend a\r\nquit\n", ["register", "msend a", "quit"]],
    ["msend a ;quit", ["msend a ", "quit"]],
    ["msend a\\;b;quit", ["msend a;b", "quit"]],
    ["msend a\\\\;quit", ["msend a\\", "quit"]],
    ["msend \\n \\x \\", ["msend \\n \\x \\"]],
    ["msend \\\\\\;🙂", ["msend \\;🙂"]],
  ];
  for (const [script, lines] of cases) assert.deepEqual(splitCommands(script), lines, script);
});

Deno.test("any messages can be written in --exec", () => {
  const text = fc.string({ unit: "binary" }).filter((each) => !each.includes("\n"));
  fc.assert(fc.property(fc.array(text), (texts) => {
    const script = texts.map((each) => `msend ${each.replace(/[\\;]/g, "\\$&")}`).join(";");
    assert.deepEqual(splitCommands(script), texts.map((each) => `msend ${each}`));
  }));
});
