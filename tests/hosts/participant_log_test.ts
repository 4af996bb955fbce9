import assert from "node:assert/strict";
import fc from "fast-check";
import { LineBuffer } from "../../src/hosts/line_buffer.ts";
import { ParticipantLog } from "../../src/hosts/participant_log.ts";
import {
  formatPayload,
  formatRemarkLine,
  MessageLineWriter,
  parsePayload,
  parseRemarkLine,
} from "../../src/hosts/participant_log_line.ts";
import { formatMessageLine } from "./message_line.ts";
import type { Message } from "../../src/protocols/persistent/messages.ts";

const STORE = "store-1";

function message(seq: number, text = `text ${seq}`): Message {
  return { seq, at: 1_795_264_443_475 + seq, sender: "b", payload: new TextEncoder().encode(text) };
}

/** Runs a test with a folder of its own. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A log of messages 1 to `count` that is closed again. Returns its bytes. */
async function writeLog(path: string, count: number): Promise<Uint8Array> {
  const log = await ParticipantLog.open(path, "a");
  log.begin(STORE, 0);
  log.append(Array.from({ length: count }, (_, index) => message(index + 1)));
  await log.flush();
  await log.close();
  return await Deno.readFile(path);
}

async function stateOf(path: string) {
  const log = await ParticipantLog.open(path, "a");
  await log.close();
  return log.state;
}

Deno.test("a message is a line of four columns that people and cut can read", () => {
  const line = formatMessageLine(message(7, "two\nlines\t\\\r\x1b[31m\u2028 é"));
  assert.equal(
    line,
    "7\t2026-11-21T12:34:03.482Z\tb\ttwo\\nlines\\t\\\\\\r\\x1b[31m\\xe2\\x80\\xa8 é\n",
  );
});

Deno.test("every payload is one line without control characters, and can be read back", () => {
  const pieces = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("\\", "\\n", "\\x41", "\n", "\0", "\u0085", "\ufeff", "a\r\n").map((text) =>
      new TextEncoder().encode(text)
    ),
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 5 }), (parts) => {
    const payload = Uint8Array.from(parts.flatMap((part) => [...part]));
    const text = formatPayload(payload);
    assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u);
    assert.deepEqual(parsePayload(text), payload);
    const line = formatMessageLine({ seq: 12, at: 0, sender: "é", payload });
    assert.equal(line, `12\t1970-01-01T00:00:00.000Z\té\t${text}\n`);
  }));
});

Deno.test("messages of different times have their own", () => {
  const lines = [message(1), message(2), message(2), message(1)].map(formatMessageLine);
  const buffer = new LineBuffer();
  const writer = new MessageLineWriter(buffer);
  for (const seq of [1, 2, 2, 1]) writer.write(message(seq));
  assert.equal(new TextDecoder().decode(buffer.take()), lines.join(""));
});

Deno.test("what waits for its turn to be written is written when the log is closed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    const log = await ParticipantLog.open(path, "a");
    log.begin(STORE, 0);
    const told: number[] = [];
    log.follow({
      onLogged: (messages) => told.push(...messages.map(({ seq }) => seq)),
      onTrouble: assert.fail,
    });
    log.append([message(1)]);
    await log.flush();
    log.append([message(2)]);
    log.append([message(3)]);
    await log.close();
    assert.deepEqual(told, [1, 2, 3]);
    const lines = (await Deno.readTextFile(path)).split("\n").slice(1, -1);
    assert.deepEqual(lines, [1, 2, 3].map((seq) => formatMessageLine(message(seq)).trimEnd()));
  });
});

Deno.test("the remarks that count can be read back, and others are left alone", () => {
  for (
    const remark of [
      { type: "store", store: "x-1", after: 12, id: "a#b" },
      { type: "deregistered" },
    ] as const
  ) {
    assert.deepEqual(parseRemarkLine(formatRemarkLine(remark).slice(0, -1)), remark);
  }
  for (const other of ["#", "# store x after 1", "# store x after -1 for a", "# Deregistered"]) {
    assert.equal(parseRemarkLine(other), null);
  }
});

Deno.test("a log goes on where it ended, whatever its length", async () => {
  await inFolder(async (folder) => {
    for (const count of [0, 1, 2, 1500, 5000]) { // The last ones take several chunks.
      const path = `${folder}/${count}.log`;
      await writeLog(path, count);
      assert.deepEqual(await stateOf(path), { store: STORE, logged: count, isMember: true });
    }
  });
});

Deno.test("lines that are longer than what is read at a time are found too", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    const log = await ParticipantLog.open(path, "a");
    log.begin(STORE, 3);
    log.append([message(4, "x".repeat(200_000)), message(5, "\u0001".repeat(300_000))]);
    await log.close();
    assert.equal((await stateOf(path)).logged, 5);
  });
});

Deno.test("a last line that is torn at any place is cut off", async () => {
  await inFolder(async (folder) => {
    const whole = await writeLog(`${folder}/whole.log`, 3);
    const end = whole.lastIndexOf(10, whole.length - 2) + 1;
    const path = `${folder}/a.log`;
    for (let length = end; length < whole.length; length++) {
      await Deno.writeFile(path, whole.subarray(0, length));
      const log = await ParticipantLog.open(path, "a");
      assert.deepEqual([log.state.logged, log.repairedBytes], [2, length - end]);
      log.append([message(3)]);
      await log.flush();
      await log.close();
      assert.deepEqual(await Deno.readFile(path), whole);
    }
  });
});

Deno.test("what a crash of the machine left as zeros is cut off", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    const whole = await writeLog(path, 5);
    const third = whole.length - 60;
    whole.fill(0, third, third + 10);
    await Deno.writeFile(path, whole);
    const log = await ParticipantLog.open(path, "a");
    await log.close();
    assert.equal(log.state.logged, 3);
    assert.ok(!(await Deno.readFile(path)).includes(0));
  });
});

Deno.test("a remark that was torn in a new log is cut off", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    for (const torn of ["#", "# st", "# store x after", "\0\0\0"]) {
      await Deno.writeTextFile(path, torn);
      assert.deepEqual(await stateOf(path), { store: null, logged: 0, isMember: false });
      assert.equal(await Deno.readTextFile(path), "");
    }
  });
});

Deno.test("another file is refused and left as it is", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/notes.txt`;
    for (
      const content of [
        "hello",
        "hello\n",
        "# My notes\n\ntext\n",
        "1\t2026-11-21T12:34:03.482Z\tb\ttext\n",
        "# store x after 1 for a\nhello\n",
        "\0".repeat(5000),
      ]
    ) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(
        ParticipantLog.open(path, "a"),
        { message: `Cannot use ${path}: it has other content than the log of a participant` },
        JSON.stringify(content),
      );
      assert.equal(await Deno.readTextFile(path), content);
    }
    await assert.rejects(ParticipantLog.open(folder, "a"), /^Error: Cannot (use|write) /);
    await assert.rejects(ParticipantLog.open(`${folder}/no/a.log`, "a"), {
      message: `Cannot write ${folder}/no/a.log: no such file or folder`,
    });
  });
});

Deno.test("the log of another ID is refused, and so is one that is open elsewhere", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    await writeLog(path, 1);
    await assert.rejects(ParticipantLog.open(path, "B"), {
      message: `Cannot use ${path}: it is the log of a, not of B`,
    });
    const log = await ParticipantLog.open(path, "a");
    await assert.rejects(ParticipantLog.open(path, "a"), {
      message: `Cannot use ${path}: another process writes to it`,
    });
    await log.close();
    await (await ParticipantLog.open(path, "a")).close();
  });
});

Deno.test("a log tells members from others, and one store from another", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    await writeLog(path, 2);
    const log = await ParticipantLog.open(path, "a");
    log.begin(STORE, 1); // It says so already.
    assert.equal(log.state.logged, 2);
    log.end();
    assert.deepEqual(log.state, { store: STORE, logged: 2, isMember: false });
    log.begin(STORE, 9);
    log.append([message(10)]);
    await log.flush();
    assert.deepEqual(await closeAndRead(log, path), { store: STORE, logged: 10, isMember: true });
    const again = await ParticipantLog.open(path, "a");
    again.begin("store-2", 3);
    again.end();
    await again.flush();
    assert.deepEqual(await closeAndRead(again, path), {
      store: "store-2",
      logged: 3,
      isMember: false,
    });
    const remarks = (await Deno.readTextFile(path)).split("\n").filter((line) => /^#/.test(line));
    assert.deepEqual(remarks, [
      `# store ${STORE} after 0 for a`,
      "# deregistered",
      `# store ${STORE} after 9 for a`,
      "# store store-2 after 3 for a",
      "# deregistered",
    ]);
  });
});

/** Closes a log, and reads what it says to the next process. */
async function closeAndRead(log: ParticipantLog, path: string) {
  await log.close();
  const state = await stateOf(path);
  assert.deepEqual(state, log.state);
  return state;
}

Deno.test("messages that are written after another store has begun are told from its own", async () => {
  await inFolder(async (folder) => {
    const log = await ParticipantLog.open(`${folder}/a.log`, "a");
    const told: [numbers: number[], isCurrent: boolean][] = [];
    log.follow({
      onLogged: (messages, isCurrent) => told.push([messages.map(({ seq }) => seq), isCurrent]),
      onTrouble: assert.fail,
    });
    log.begin(STORE, 0);
    log.append([message(1)]);
    await Promise.resolve(); // By now the write is under way.
    log.append([message(2)]);
    log.begin("store-2", 0);
    log.append([message(1)]);
    await log.flush();
    log.append([message(2)]);
    await log.close();
    assert.deepEqual(told, [[[1], false], [[2], false], [[1], true], [[2], true]]);
  });
});

Deno.test("messages are told of once they are in the file, each once and in order", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.log`;
    const log = await ParticipantLog.open(path, "a");
    const told: number[] = [];
    log.follow({
      onLogged: (messages) => {
        const text = Deno.readTextFileSync(path);
        for (const each of messages) {
          assert.ok(text.includes(formatMessageLine(each)));
          told.push(each.seq);
        }
      },
      onTrouble: assert.fail,
    });
    log.begin(STORE, 0);
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    for (const number of numbers) {
      log.append([message(number)]);
      if (number % 7 === 0) await log.flush();
    }
    await log.flush();
    assert.deepEqual(told, numbers);
    await log.close();
  });
});
