import assert from "node:assert/strict";
import { CHAT_COMMANDS, type ChatInput, parseChatInput } from "../../src/cli/chat_input.ts";

Deno.test("all but commands and empty lines is text, as it stands", () => {
  const texts: Readonly<Record<string, string>> = {
    "hello": "hello",
    "  indented  ": "  indented  ",
    "a /quit b": "a /quit b",
    "//quit": "/quit",
    "///": "//",
    "//": "/",
    " /quit": " /quit",
    "quit": "quit",
  };
  for (const [line, text] of Object.entries(texts)) {
    assert.deepEqual(parseChatInput(line), { type: "text", text }, line);
  }
  for (const line of ["", " ", "\t"]) assert.deepEqual(parseChatInput(line), { type: "nothing" });
});

Deno.test("each command is read, with blanks around it or not", () => {
  for (const command of Object.keys(CHAT_COMMANDS)) {
    const expected = { type: "command", command } as ChatInput;
    assert.deepEqual(parseChatInput(`/${command}`), expected);
    assert.deepEqual(parseChatInput(`/${command}  `), expected);
  }
});

Deno.test("an unknown command is refused in one line that helps", () => {
  const reasons: Readonly<Record<string, string>> = {
    "/hlep": 'no command "/hlep" (did you mean /help?); not sent',
    "/usr/bin/env is full":
      'no command "/usr/bin/env" (/help lists the commands, // begins a line with a slash); not sent',
    "/": 'no command "/" (/help lists the commands, // begins a line with a slash); not sent',
    "/quit now": "/quit takes nothing after it; not sent",
    "/constructor":
      'no command "/constructor" (/help lists the commands, // begins a line with a slash); not sent',
  };
  for (const [line, reason] of Object.entries(reasons)) {
    assert.deepEqual(parseChatInput(line), { type: "mistake", reason }, line);
  }
});
