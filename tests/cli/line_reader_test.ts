import assert from "node:assert/strict";
import fc from "fast-check";
import { BYTE_DECODER, LINE_LENGTH_MAX, LineReader } from "../../src/cli/line_reader.ts";

/** A source that gives the bytes in chunks of the given sizes, in turn. */
function source(bytes: Uint8Array, sizes: readonly number[]) {
  let offset = 0;
  let reads = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      if (offset === bytes.length) return Promise.resolve(null);
      const size = sizes[reads++ % sizes.length] ?? 1;
      const chunk = bytes.subarray(offset, offset + Math.min(size, buffer.length));
      buffer.set(chunk);
      offset += chunk.length;
      return Promise.resolve(chunk.length);
    },
  };
}

async function allLines(text: string, sizes: readonly number[]): Promise<string[]> {
  const reader = new LineReader(source(new TextEncoder().encode(text), sizes));
  const lines: string[] = [];
  for (let line = await reader.next(); line !== null; line = await reader.next()) lines.push(line);
  assert.equal(await reader.next(), null);
  return lines;
}

Deno.test("lines end in a line feed, with or without a carriage return, or with the input", async () => {
  assert.deepEqual(await allLines("50\n\r\n \r\nlast", [3]), ["50", "", " ", "last"]);
  assert.deepEqual(await allLines("", [1]), []);
  assert.deepEqual(await allLines("\n", [1]), [""]);
});

Deno.test("lines don't depend on how the input is cut into chunks", async () => {
  const lines = fc.array(
    fc.string({ unit: "grapheme" }).map((line) => line.replace(/[\r\n]/g, "")),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  await fc.assert(fc.asyncProperty(lines, sizes, async (lines, sizes) => {
    assert.deepEqual(await allLines(lines.map((line) => `${line}\n`).join(""), sizes), lines);
  }));
});

Deno.test("a line that is too long is cut, and the next one is not", async () => {
  const text = `${"x".repeat(3 * LINE_LENGTH_MAX)}\nnext\n`;
  const [first, ...others] = await allLines(text, [4096]);
  assert.equal(first, "x".repeat(LINE_LENGTH_MAX));
  assert.deepEqual(others, ["next"]);
});

Deno.test("who stops waiting for a line loses no input", async () => {
  const { promise: arrival, resolve: arrive } = Promise.withResolvers<void>();
  const chunks = ["fir", "st\nsecond\n"];
  const reader = new LineReader({
    async read(buffer) {
      if (chunks.length === 1) await arrival;
      const chunk = chunks.shift();
      if (chunk === undefined) return null;
      return new TextEncoder().encodeInto(chunk, buffer).written;
    },
  });
  const abort = new AbortController();
  const stopped = reader.next(abort.signal);
  abort.abort();
  assert.equal(await stopped, null);
  assert.equal(await reader.next(abort.signal), null);
  arrive();
  assert.equal(await reader.next(), "first");
  assert.equal(await reader.next(), "second");
  assert.equal(await reader.next(), null);
});

Deno.test("a failure to read is heard by whoever waits next", async () => {
  const { promise, reject } = Promise.withResolvers<number | null>();
  const reader = new LineReader({ read: () => promise });
  const abort = new AbortController();
  const stopped = reader.next(abort.signal);
  abort.abort();
  assert.equal(await stopped, null);
  reject(new Error("Gone"));
  await assert.rejects(reader.next(), { message: "Gone" });
});

Deno.test("bytes can be read as they are, UTF-8 or not", async () => {
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0xff, 0xc3, 0xa9, 0, 13, 13, 10, 0x80]);
  const reader = new LineReader(source(bytes, [3]), 100, BYTE_DECODER);
  const first = await reader.next();
  assert.deepEqual([first, await reader.next()], ["\xef\xbb\xbf\xff\xc3\xa9\0\r", "\x80"]);
  assert.equal(await reader.next(), null);
});
