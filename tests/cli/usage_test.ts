import assert from "node:assert/strict";
import { mpcomm } from "./mpcomm.ts";

/** What is typed after `mpcomm`, and the line that says what is wrong with it. */
const WRONG: readonly (readonly [args: readonly string[], line: string])[] = [
  [[], "mpcomm: no command: begin with 'mpcomm lab', or see 'mpcomm --help'"],
  [["labb"], 'mpcomm: unknown command "labb" (did you mean "lab"?)'],
  [["constructor"], "mpcomm: unknown command \"constructor\" (see 'mpcomm --help')"],
  [[""], "mpcomm: unknown command \"\" (see 'mpcomm --help')"],
  [["--frob"], 'mpcomm: unknown option "--frob"'],
  [["--json", "lab"], "mpcomm: --json goes after the command, as in 'mpcomm lab --json'"],

  [["lab", "--peers", "0"], 'mpcomm lab: --peers: expected a whole number from 1 to 100, got "0"'],
  [["lab", "--peers=101"], 'mpcomm lab: --peers: expected a whole number from 1 to 100, got "101"'],
  [
    ["lab", "--peers", "NaN"],
    'mpcomm lab: --peers: expected a whole number from 1 to 100, got "NaN"',
  ],
  [
    ["lab", "--peers", "-1"],
    'mpcomm lab: --peers: expected a whole number from 1 to 100, got "-1"',
  ],
  [
    ["lab", "--peers", "1.5"],
    'mpcomm lab: --peers: expected a whole number from 1 to 100, got "1.5"',
  ],
  [["lab", "--peers", ""], 'mpcomm lab: --peers: expected a whole number from 1 to 100, got ""'],
  [["lab", "--peers="], 'mpcomm lab: --peers: expected a whole number from 1 to 100, got ""'],
  [["lab", "--peers"], "mpcomm lab: --peers requires N"],
  [["lab", "--peer", "3"], 'mpcomm lab: unknown option "--peer" (did you mean "--peers"?)'],
  [["lab", "--peers=3", "--peers=4"], "mpcomm lab: --peers cannot be used multiple times"],
  [["lab", "--json=yes"], 'mpcomm lab: --json takes no value, got "yes"'],
  [["lab", "--frob\nnicate=3"], 'mpcomm lab: unknown option "--frob\\nnicate"'],
  [["lab", "--report", "x.html"], 'mpcomm lab: unknown option "--report"'],
  [["lab", "six"], 'mpcomm lab: unexpected argument "six"'],
  [["lab", "--", "six"], 'mpcomm lab: unexpected argument "six"'],
  [
    ["lab", "--messages", "10000001"],
    'mpcomm lab: --messages: expected a whole number from 0 to 10000000, got "10000001"',
  ],
  [
    ["lab", "--peers", "3", "--senders", "4"],
    "mpcomm lab: --senders: there are only 3 processes, got 4",
  ],
  [
    ["compare", "--manager", "127.0.0.1:1", "--peers", "3", "--senders", "4"],
    "mpcomm compare: --senders: there are only 3 processes, got 4",
  ],
  [
    ["lab", "--log", "none", "--out", "logs"],
    "mpcomm lab: --out: there are no logs to keep with --log none",
  ],
  [
    ["compare", "--manager", "127.0.0.1:1", "--out", "logs", "--log", "none"],
    "mpcomm compare: --out: there are no logs to keep with --log none",
  ],
  [
    ["lab", "--log", "some"],
    'mpcomm lab: --log: There is no kind of log "some": did you mean none?',
  ],
  [
    ["lab", "--outstanding", "0"],
    'mpcomm lab: --outstanding: expected a whole number from 1 to 10000000, got "0"',
  ],
  [
    ["lab", "--seed", "4294967296"],
    'mpcomm lab: --seed: expected a whole number from 0 to 4294967295, got "4294967296"',
  ],
  [
    ["lab", "--order", "lamprot"],
    'mpcomm lab: --order: There is no order "lamprot": did you mean lamport?',
  ],
  [
    ["lab", "--order", "total"],
    'mpcomm lab: --order: There is no order "total": use none, fifo, causal, lamport, sequencer',
  ],
  [["lab", "--order", "none,none"], "mpcomm lab: --order: The order none is given twice"],
  [["lab", "--interval", "5"], 'mpcomm lab: --interval: "5" has no unit: write 5ms or 5s'],
  [
    ["lab", "--interval", "20-5ms"],
    'mpcomm lab: --interval: The range "20-5ms" begins above its end',
  ],
  [
    ["lab", "--interval", "-5ms"],
    'mpcomm lab: --interval: "-5ms" is negative: a duration is 0 or more',
  ],
  [
    ["lab", "--timeout", "0s"],
    'mpcomm lab: --timeout: expected a duration from 1ms to 1440m, got "0s"',
  ],
  [
    ["lab", "--payload", "1048577"],
    'mpcomm lab: --payload: expected a size from 0 to 1MiB, such as 64KiB, got "1048577"',
  ],
  [
    ["lab", "--loss", "0.01"],
    'mpcomm lab: --loss: "0.01" has no percent sign: write 1% for a share of 0.01',
  ],
  [
    ["lab", "--link", "speed=3"],
    'mpcomm lab: --link: The link has no "speed": use delay, jitter, loss, duplicate, reorder',
  ],
  [["lab", "--loss=1%", "--link=loss=2%"], "mpcomm lab: --loss: --link gives a loss too"],
  [
    ["lab", "--out", "--json"],
    'mpcomm lab: --out: "--json" looks like an option: write ./--json for a file',
  ],

  [["peer"], "mpcomm peer: --manager is missing"],
  [["peer", "--manager"], "mpcomm peer: --manager requires HOST:PORT"],
  [
    ["peer", "--manager", "localhost"],
    'mpcomm peer: --manager: "localhost" has no port: expected HOST:PORT',
  ],
  [
    ["peer", "--manager", "localhost:0"],
    'mpcomm peer: --manager: "localhost:0" has no port from 1 to 65535 after the host',
  ],
  [
    ["peer", "--manager", "::1:5678"],
    'mpcomm peer: --manager: "::1:5678" needs brackets around its IPv6 address: write [::1]:5678',
  ],
  [
    ["peer", "--manager", "a:1", "--control-port", "65536"],
    'mpcomm peer: --control-port: expected a whole number from 0 to 65535, got "65536"',
  ],
  [
    ["peer", "--manager", "a:1", "--name", "--json"],
    'mpcomm peer: --name: expected a name of 1 to 64 letters, digits, ".", "-", "_" and ":", got "--json"',
  ],
  [
    ["peer", "--manager", "a:1", "--region", "eu"],
    "mpcomm peer: --region: needs a --topology that has the region",
  ],

  [["compare"], "mpcomm compare: --manager or --logs is missing"],
  [["compare", "--messages", "3"], "mpcomm compare: --manager is missing"],
  [
    ["compare", "--manager", "a:1", "--logs", "d"],
    "mpcomm compare: --manager and --logs cannot be used together",
  ],
  [
    ["compare", "--logs=d", "--json", "--peers=3"],
    "mpcomm compare: --logs and --peers cannot be used together",
  ],
  [
    ["compare", "--logs", "d", "--order", "none,lamport"],
    'mpcomm compare: --order: --logs takes one order, got "none,lamport"',
  ],
  [
    ["compare", "--manager", "a:1", "--peers", "0"],
    'mpcomm compare: --peers: expected a whole number from 1 to 200, got "0"',
  ],

  [["manager", "lsit"], 'mpcomm manager: unexpected argument "lsit" (did you mean "list"?)'],
  [
    ["manager", "--listen", "a:1", "list"],
    'mpcomm manager: unexpected argument "list": it goes before options',
  ],
  [["manager", "list", "--listen", "a:1"], 'mpcomm manager list: unknown option "--listen"'],

  [["completion"], "mpcomm completion: SHELL is missing: bash, zsh or fish"],
  [
    ["completion", "tcsh"],
    'mpcomm completion: SHELL: There is no completion for "tcsh": use bash, zsh or fish',
  ],
];

const AT_ONCE = 4;

Deno.test("wrong usage is said in exactly one line on stderr, with exit code 2", async () => {
  for (let first = 0; first < WRONG.length; first += AT_ONCE) {
    await Promise.all(
      WRONG.slice(first, first + AT_ONCE).map(async ([args, line]) => {
        assert.deepEqual(await mpcomm(args), { code: 2, stdout: "", stderr: `${line}\n` });
      }),
    );
  }
});

Deno.test("wrong usage is said in the same line where JSON is wanted", async () => {
  assert.deepEqual(await mpcomm(["lab", "--json", "--quiet", "--peers", "x"]), {
    code: 2,
    stdout: "",
    stderr: 'mpcomm lab: --peers: expected a whole number from 1 to 100, got "x"\n',
  });
});

Deno.test("the stack of an error is printed only for those who debug", async () => {
  const args = ["lab", "--peers", "x"];
  assert.ok(!(await mpcomm(args)).stderr.includes("    at "));
  const { code, stderr } = await mpcomm(args, { env: { MPCOMM_DEBUG: "1" } });
  assert.equal(code, 2);
  assert.match(stderr, /^mpcomm lab: --peers: .*\nUsageError: .*\n {4}at /);
});
