import assert from "node:assert/strict";
import { COMMANDS } from "../../main.ts";
import { suggestNext } from "../../src/cli/completion_command.ts";
import { mpcomm, mpcommWords } from "./mpcomm.ts";

/** Words on the command line, the last one begun, and what may stand in its place. */
const SUGGESTIONS: readonly (readonly [words: readonly string[], texts: readonly string[]])[] = [
  [[""], [
    "lab",
    "manager",
    "peer",
    "compare",
    "chat",
    "coordinator",
    "participant",
    "tokenring",
    "gossip",
    "simulate",
    "completion",
  ]],
  [["--"], ["--help", "--version"]],
  [["co"], ["compare", "coordinator", "completion"]],
  [["lab", "--pe"], ["--peers"]],
  [["lab", "--order", ""], ["none", "fifo", "causal", "lamport", "sequencer"]],
  [
    ["lab", "--order", "none,"],
    ["none,fifo", "none,causal", "none,lamport", "none,sequencer"],
  ],
  [["lab", "--order=l"], ["--order=lamport"]],
  [["lab", "--link", "loss=1%,d"], ["loss=1%,delay=", "loss=1%,duplicate="]],
  [["manager", ""], ["list"]],
  [["manager", "list", "--m"], ["--manager"]],
  [["peer", "--region", "us-"], ["us-east-1", "us-west-2"]],
  [["compare", "--logs", "d", "--m"], []],
  [["compare", "--manager", "a:1", "--m"], ["--manager", "--messages"]],
  [["chat", "--peers", "f", "--m"], []],
  [["chat", "--manager", "a:1", "--generate", "o"], ["off"]],
  [["participant", "--ta"], ["--take-over"]],
  [["tokenring", "--name", "a", "l"], ["lock"]],
  [["tokenring", "lock", "--t"], ["--try", "--timeout"]],
  [["gossip", "--mode", "pu"], ["push", "pull", "push-pull"]],
  [["gossip", "--anti-entropy", "o"], ["off"]],
  [["completion", ""], ["bash", "zsh", "fish"]],
];

Deno.test("commands, options and values are completed", async () => {
  for (const [words, texts] of SUGGESTIONS) {
    const found = (await suggestNext(words, COMMANDS))
      .map((suggestion) => suggestion.kind === "literal" ? suggestion.text : suggestion.type);
    assert.deepEqual(found, texts, words.join(" "));
  }
});

Deno.test("names of files and folders are left to the shell", async () => {
  const kinds = async (words: readonly string[]) =>
    (await suggestNext(words, COMMANDS)).map((suggestion) =>
      suggestion.kind === "file" ? suggestion.type : suggestion.text
    );
  assert.deepEqual(await kinds(["lab", "--topology", ""]), ["aws-2020", "lan", "file"]);
  assert.deepEqual(await kinds(["compare", "--logs", ""]), ["directory"]);
});

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`there is a script for ${shell} that asks this program`, async () => {
    const { code, stdout, stderr } = await mpcomm(["completion", shell]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.ok(stdout.length > 500);
    assert.match(stdout, new RegExp(`'?completion'? '?${shell}'? '?--'?`));
    const json = await mpcomm(["completion", shell, "--json"]);
    assert.deepEqual(JSON.parse(json.stdout), {
      event: "completion",
      shell,
      script: stdout.slice(0, -1),
    });
  });
}

Deno.test({
  name: "bash, with the script, completes what is on its command line",
  ignore: !await hasBash(),
  fn: async () => {
    const { stdout: script } = await mpcomm(["completion", "bash"]);
    const { code, stdout } = await new Deno.Command("bash", {
      args: ["--norc", "-c", BASH_TEST, "bash", script, ...mpcommWords()],
    }).output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), "lab\n--help\nlamport\n");
  },
});

/** Defines `mpcomm`, loads the script, and completes three command lines as bash would. */
const BASH_TEST = `
script=$1; shift; program=("$@")
mpcomm() { "\${program[@]}" "$@"; }
eval "$script"
complete_line() {
  COMP_LINE="$*" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  COMP_POINT=\${#COMP_LINE}
  _mpcomm
  printf '%s\\n' "\${COMPREPLY[@]}"
}
complete_line mpcomm la
complete_line mpcomm lab --he
complete_line mpcomm lab --order la
`;

async function hasBash(): Promise<boolean> {
  try {
    return (await new Deno.Command("bash", { args: ["-c", "true"] }).output()).success;
  } catch {
    return false;
  }
}
