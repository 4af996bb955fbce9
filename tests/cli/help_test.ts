import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { COMMANDS } from "../../main.ts";
import { commandHelp } from "../../src/cli/command_help.ts";
import { parseOptions } from "../../src/cli/parse_options.ts";
import { programHelp } from "../../src/cli/program_help.ts";
import config from "../../deno.json" with { type: "json" };
import { mpcomm } from "./mpcomm.ts";

const PLAIN = { width: 80, colors: false };
const COMMON = ["--json", "--quiet", "--no-color", "-h, --help"];
const EXPERIMENT = [
  "--interval INTERVAL",
  "--payload BYTES",
  "--outstanding N",
  "--senders N",
  "--seed SEED",
  "--timeout DURATION",
  "--log LOG",
  "--out DIR",
];

/** Every option of every command, as its help must list it. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "lab": [
    "--peers N",
    "--messages M",
    "--order ORDER,...",
    "--topology TOPOLOGY",
    "--loss PERCENT",
    "--link LINK",
    ...EXPERIMENT,
  ],
  "manager": ["--listen HOST:PORT"],
  "manager list": ["--manager HOST:PORT"],
  "peer": [
    "--manager HOST:PORT",
    "--listen HOST:PORT",
    "--control-port PORT",
    "--advertise HOST:PORT",
    "--name NAME",
    "--log FILE",
    "--link LINK",
    "--topology TOPOLOGY",
    "--region REGION",
  ],
  "compare": [
    "--manager HOST:PORT",
    "--peers N",
    "--messages M",
    "--order ORDER,...",
    "--logs DIR",
    ...EXPERIMENT,
  ],
  "chat": [
    "--peers FILE",
    "--manager HOST:PORT",
    "--advertise HOST:PORT",
    "--name NAME",
    "--listen HOST:PORT",
    "--generate RATE",
    "--seed SEED",
    "--link LINK",
  ],
  "coordinator": ["--listen HOST:PORT", "--td SECONDS", "--store FILE", "--fresh", "CONFIG"],
  "coordinator status": ["--coordinator HOST:PORT"],
  "participant": [
    "--id ID",
    "--log FILE",
    "--coordinator HOST:PORT",
    "--listen HOST:PORT",
    "--advertise HOST:PORT",
    "--exec COMMANDS",
    "--take-over",
    "--timeout DURATION",
    "--stdin",
    "CONFIG",
  ],
  "tokenring": [
    "--machines FILE",
    "--name NAME",
    "--next NAME",
    "--start",
    "--pace DURATION",
    "--lease DURATION",
    "--state FILE",
    "--try",
    "--timeout DURATION",
    "ACTION",
    "COMMAND",
  ],
  "simulate": [],
  "simulate order": [
    "--order ORDER",
    "--seed SEED",
    "--runs K",
    "--swarm",
    "--each",
    "--check PROPERTY,...",
    "--bug NAME",
    "--shrink",
    "--history DIR",
    "--peers N",
    "--messages M",
    "--interval INTERVAL",
    "--payload BYTES",
    "--datagram BYTES",
    "--held-back N",
    "--ahead N",
    "--delay-min DURATION",
    "--delay-mean DURATION",
    "--loss PERCENT",
    "--duplicate PERCENT",
    "--reorder PERCENT",
    "--clogs N",
    "--clog-max DURATION",
    "--partitions N",
    "--partition-max DURATION",
    "--partition-mode MODE,...",
    "--pauses N",
    "--pause-max DURATION",
    "--crashes N",
    "--slow N",
    "--slow-delay DURATION",
    "--buffer BYTES",
    "--fault-period DURATION",
    "--liveness DURATION",
    "--topology TOPOLOGY",
  ],
  "simulate persistent": [
    "--seed SEED",
    "--runs K",
    "--swarm",
    "--each",
    "--bug NAME",
    "--participants N",
    "--td DURATION",
    "--messages M",
    "--interval INTERVAL",
    "--grid DURATION",
    "--payload BYTES",
    "--disconnects PERCENT",
    "--deregisters PERCENT",
    "--sync-max DURATION",
    "--window N",
    "--push-pause DURATION",
    "--delay-min DURATION",
    "--delay-mean DURATION",
    "--breaks PERCENT",
    "--repeats PERCENT",
    "--coordinator-crashes N",
    "--participant-crashes N",
    "--down-max DURATION",
    "--clock-step-max DURATION",
    "--pauses N",
    "--pause-max DURATION",
    "--store-failures N",
    "--store-failure-max DURATION",
    "--fault-period DURATION",
    "--liveness DURATION",
  ],
  "simulate tokenring": [
    "--seed SEED",
    "--runs K",
    "--swarm",
    "--each",
    "--bug NAME",
    "--nodes N",
    "--lease DURATION",
    "--pace DURATION",
    "--starters N",
    "--start-max DURATION",
    "--late-nodes N",
    "--wishes PERCENT",
    "--users N",
    "--interval INTERVAL",
    "--hold-max DURATION",
    "--long-holds PERCENT",
    "--long-hold-max DURATION",
    "--give-ups PERCENT",
    "--patience-max DURATION",
    "--delay-min DURATION",
    "--delay-mean DURATION",
    "--loss PERCENT",
    "--duplicate PERCENT",
    "--reorder PERCENT",
    "--clogs N",
    "--clog-max DURATION",
    "--partitions N",
    "--partition-mode MODE,...",
    "--holder-cuts N",
    "--link-cuts N",
    "--partition-max DURATION",
    "--crashes N",
    "--holder-crashes N",
    "--leaves N",
    "--down-max DURATION",
    "--pauses N",
    "--holder-pauses N",
    "--pause-max DURATION",
    "--buffer BYTES",
    "--drift PERCENT",
    "--late-max DURATION",
    "--fault-period DURATION",
    "--recovery DURATION",
    "--load DURATION",
    "--liveness DURATION",
  ],
  "gossip": [
    "--machines FILE",
    "--name NAME",
    "--peers NAME,...",
    "--generate DURATION",
    "--words FILE",
    "--link LINK",
    "--mode MODE",
    "--feedback",
    "--blind",
    "--stop RULE",
    "--k K",
    "--fanout N",
    "--interval DURATION",
    "--anti-entropy DURATION",
  ],
  "simulate gossip": [
    "--nodes N",
    "--mode MODE",
    "--feedback",
    "--blind",
    "--stop RULE",
    "--k K",
    "--fanout N",
    "--trials N",
    "--seed SEED",
    "--against PAPER",
    "--swarm",
    "--plain",
    "--runs K",
    "--each",
    "--bug NAME",
    "--interval DURATION",
    "--anti-entropy DURATION",
    "--probe-interval DURATION",
    "--probe-timeout DURATION",
    "--indirect-probes N",
    "--suspicion DURATION",
    "--keep-rumors N",
    "--keep-bytes BYTES",
    "--say-mean DURATION",
    "--bursts PERCENT",
    "--burst-max N",
    "--large PERCENT",
    "--large-max CHARS",
    "--delay-min DURATION",
    "--delay-mean DURATION",
    "--loss PERCENT",
    "--calm-loss PERCENT",
    "--duplicate PERCENT",
    "--reorder PERCENT",
    "--clogs N",
    "--clog-max DURATION",
    "--partitions N",
    "--partition-mode MODE,...",
    "--link-cuts N",
    "--partition-max DURATION",
    "--crashes N",
    "--outages N",
    "--outage-share PERCENT",
    "--leaves N",
    "--down-max DURATION",
    "--gone N",
    "--pauses N",
    "--pause-max DURATION",
    "--buffer BYTES",
    "--late-nodes N",
    "--drift PERCENT",
    "--late-max DURATION",
    "--fault-period DURATION",
    "--recovery DURATION",
    "--load DURATION",
    "--liveness DURATION",
  ],
  "completion": ["SHELL"],
};

Deno.test("there is a list of options here for every command", () => {
  assert.deepEqual(Object.keys(COMMANDS).sort(), Object.keys(OPTIONS).sort());
});

for (const [name, entry] of Object.entries(COMMANDS)) {
  Deno.test(`the help of ${name} lists its options and no others, and its examples`, async () => {
    const { code, stdout, stderr } = await mpcomm([...name.split(" "), "--help"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const listed = [
      ...stdout.matchAll(
        /^ {2}((?:--?[a-z]|CONFIG|SHELL|ACTION|COMMAND)\S*(?: \S+)*)(?: {2,}|$)/gm,
      ),
    ]
      .map((match) => match[1]);
    const expected = [...OPTIONS[name] ?? [], ...COMMON];
    assert.deepEqual([...new Set(listed)].sort(), expected.sort());
    for (const { args } of (await entry.load()).examples) {
      assert.ok(stdout.includes(`\n  mpcomm ${args}\n`), args);
    }
  });

  Deno.test(`the help of ${name} keeps to the width and ends no line in blanks`, async () => {
    const command = await entry.load();
    for (const width of [60, 80, 100]) {
      const page = commandHelp(name, COMMANDS, command, { width, colors: false });
      // Examples are to be copied, so they aren't broken.
      const lines = page.split("\n").filter((line) => !line.startsWith("  mpcomm "));
      for (const line of lines) {
        assert.ok(line.length <= width || line.startsWith("  # "), `${width}: ${line}`);
        assert.ok(!line.endsWith(" "), line);
      }
    }
  });

  Deno.test(`every example in the help of ${name} is right`, async () => {
    const command = await entry.load();
    assert.ok(command.examples.length > 0);
    for (const { args } of command.examples) {
      assert.ok(args === name || args.startsWith(`${name} `), args);
      parseOptions(command, args.slice(name.length).split(" ").filter((word) => word !== ""));
    }
  });
}

Deno.test("the program's help lists every command and nothing else", async () => {
  for (const flag of ["--help", "-h"]) {
    const { code, stdout, stderr } = await mpcomm([flag]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(stdout, `${programHelp(COMMANDS, PLAIN)}\n`);
  }
  const commands = /Commands:\n((?: {2}.*\n)+)/.exec(programHelp(COMMANDS, PLAIN))?.[1] ?? "";
  const names = commands.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/)[0]);
  assert.deepEqual(names, Object.keys(COMMANDS));
});

Deno.test("help wins over what is wrong beside it", async () => {
  const { code, stdout } = await mpcomm(["lab", "--peers", "x", "-h"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: mpcomm lab /);
});

Deno.test("the help has styles only where they are wanted", async () => {
  const { lab } = COMMANDS;
  assert.ok(lab);
  const command = await lab.load();
  assert.ok(!commandHelp("lab", COMMANDS, command, PLAIN).includes("\x1b"));
  const styled = commandHelp("lab", COMMANDS, command, { width: 80, colors: true });
  assert.ok(styled.includes("\x1b[1m"));
  assert.equal(stripVTControlCharacters(styled), commandHelp("lab", COMMANDS, command, PLAIN));
});

Deno.test("the version is that of deno.json", async () => {
  assert.deepEqual(await mpcomm(["--version"]), {
    code: 0,
    stdout: `mpcomm ${config.version}\n`,
    stderr: "",
  });
});
