/**
 * Shows how two texts differ, line by line.
 *
 * ```ts
 * import { diffLines } from "./diff.ts";
 *
 * console.assert(diffLines(["a", "b", "c"], ["a", "c", "d"]) === "  a\n- b\n  c\n+ d");
 * console.assert(diffLines(["a"], ["a"]) === "");
 * ```
 *
 * @module
 */

/** The lines of both, `-` before those that only `expected` has and `+` before those that only
 * `actual` has; empty if they are the same. */
export function diffLines(expected: readonly string[], actual: readonly string[]): string {
  const common = commonLengths(expected, actual);
  const lines: string[] = [];
  let [i, j, differences] = [0, 0, 0];
  while (i < expected.length || j < actual.length) {
    if (i < expected.length && j < actual.length && expected[i] === actual[j]) {
      lines.push(`  ${expected[i]}`);
      i++;
      j++;
      continue;
    }
    differences++;
    const onlyExpected = j === actual.length ||
      (i < expected.length && common[i + 1]![j]! >= common[i]![j + 1]!);
    lines.push(onlyExpected ? `- ${expected[i++]}` : `+ ${actual[j++]}`);
  }
  return differences === 0 ? "" : lines.join("\n");
}

/** `[i][j]`: the length of the longest common subsequence of `a` from i on and `b` from j on. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from(
    { length: a.length + 1 },
    () => new Array<number>(b.length + 1).fill(0),
  );
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j]
        ? lengths[i + 1]![j + 1]! + 1
        : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}
