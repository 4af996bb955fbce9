import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_SEQ, POSITION_BYTES } from "../../src/protocols/frame.ts";
import { positionCount, processAt, seqAt, writePositions } from "../../src/protocols/positions.ts";

Deno.test("a position is a process and a segment, four bytes each, the highest first", () => {
  const payload = writePositions([[2, 17], [199, MAX_SEQ]]);
  assert.equal(payload.toHex(), "0000000200000011" + "000000c7ffffffff");
});

Deno.test("positions come back as they were written, from anywhere in a larger block", () => {
  const position = fc.tuple(fc.nat(199), fc.integer({ min: 0, max: MAX_SEQ }));
  fc.assert(fc.property(fc.array(position), fc.nat(9), (positions, offset) => {
    const written = writePositions(positions);
    assert.equal(written.length, positions.length * POSITION_BYTES);
    const block = new Uint8Array(offset + written.length + 5).fill(0xaa);
    block.set(written, offset);
    const payload = block.subarray(offset, offset + written.length);
    const read = Array.from(
      { length: positionCount(payload) },
      (_, i) => [processAt(payload, i), seqAt(payload, i)],
    );
    assert.deepEqual(read, positions);
  }));
});

Deno.test("a payload of another length holds no whole number of positions", () => {
  for (const length of [1, 7, 9, 15]) {
    assert.equal(Number.isInteger(positionCount(new Uint8Array(length))), false, `${length} bytes`);
  }
});
