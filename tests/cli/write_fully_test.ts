import assert from "node:assert/strict";
import { writeFully } from "../../src/cli/write_fully.ts";

const BYTES = new Uint8Array([1, 2, 3, 4, 5]);

Deno.test("a full pipe is waited for, and nothing is lost or doubled", () => {
  const written: number[] = [];
  let calls = 0;
  const sink = {
    writeSync(bytes: Uint8Array) {
      if (calls++ % 2 === 0) throw new Deno.errors.WouldBlock("Resource temporarily unavailable");
      written.push(...bytes.subarray(0, 2));
      return Math.min(2, bytes.length);
    },
  };
  assert.equal(writeFully(sink, BYTES), true);
  assert.deepEqual(written, [...BYTES]);
});

Deno.test("a reader that has gone is no error", () => {
  const sink = {
    writeSync(): number {
      throw new Deno.errors.BrokenPipe("Broken pipe");
    },
  };
  assert.equal(writeFully(sink, BYTES), false);
});

Deno.test("a full disk is an error", () => {
  const sink = {
    writeSync(): number {
      throw new Error("No space left on device");
    },
  };
  assert.throws(() => writeFully(sink, BYTES), { message: "No space left on device" });
});
