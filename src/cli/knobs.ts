/**
 * Knobs of a simulated run: how each is called, read and written on the command line, and where it
 * stands in a run's options. What a knob writes, it reads back exactly, so that a command line can
 * say what a swarm has drawn.
 *
 * @module
 */

import type { OptionName } from "@optique/core/usage";
import type { ValueParser } from "@optique/core/valueparser";
import { maybe } from "./options.ts";

/** A knob. */
export interface Knob<T, Run> {
  readonly flag: OptionName;
  readonly value: ValueParser<"sync", T>;
  readonly description: string;
  /** Undefined where the run leaves it to the protocol. */
  get(run: Run): T | undefined;
  set(run: Run, value: T): Run;
}

/** Knobs by their names. */
// deno-lint-ignore no-explicit-any -- each knob has a type of its own.
export type Knobs<Run> = Readonly<Record<string, Knob<any, Run>>>;

/** The values of the knobs that were turned; undefined for the others. */
export type KnobValues<K> = {
  readonly [Key in keyof K]?: (K[Key] extends Knob<infer T, infer _Run> ? T : never) | undefined;
};

/** Makes knobs for fields of a run, and of what is within it. The descriptions end with the value in
 * the plain run. */
export function knobMaker<Run>(plain: Run) {
  return <Field extends keyof Run>(
    flag: OptionName,
    field: Field,
    value: ValueParser<"sync", Run[Field]>,
    description: string,
  ): Knob<Run[Field], Run> => ({
    flag,
    value,
    description: `${description} (default: ${value.format(plain[field])})`,
    get: (run) => run[field],
    set: (run, set) => ({ ...run, [field]: set }),
  });
}

/** The same for fields of what goes wrong in a run. */
export function faultKnobMaker<Faults, Run extends { readonly faults: Faults }>(plain: Faults) {
  const ofFaults = knobMaker(plain);
  return <Field extends keyof Faults>(
    flag: OptionName,
    field: Field,
    value: ValueParser<"sync", Faults[Field]>,
    description: string,
  ): Knob<Faults[Field], Run> => {
    const knob = ofFaults(flag, field, value, description);
    return {
      ...knob,
      get: ({ faults }) => knob.get(faults),
      set: (run, set) => ({ ...run, faults: knob.set(run.faults, set) }),
    };
  };
}

/** The options for some knobs. */
export function knobOptions<T extends Record<string, unknown>, Run>(
  knobs: { readonly [Key in keyof T]: Knob<T[Key], Run> },
): { [Key in keyof T]: ReturnType<typeof maybe<T[Key]>> } {
  return Object.fromEntries(
    Object.entries<Knob<T[keyof T], Run>>(knobs)
      .map(([key, { flag, value, description }]) => [key, maybe(flag, value, description)]),
  ) as { [Key in keyof T]: ReturnType<typeof maybe<T[Key]>> };
}

/** All knobs of a kind of run. */
export class KnobSet<Run, K extends Knobs<Run>> {
  readonly #entries: readonly [keyof K, Knob<unknown, Run>][];

  constructor(knobs: K) {
    this.#entries = Object.entries(knobs);
  }

  /** Whether any knob was turned. */
  isAnyTurned(values: KnobValues<K>): boolean {
    return this.#entries.some(([key]) => values[key] !== undefined);
  }

  /** The run with those knobs as they were turned. */
  turn(run: Run, values: KnobValues<K>): Run {
    let turned = run;
    for (const [key, { set }] of this.#entries) {
      if (values[key] !== undefined) turned = set(turned, values[key]);
    }
    return turned;
  }

  /** The words of a command line that turn the same knobs. */
  formatTurned(values: KnobValues<K>): string[] {
    return this.#entries.flatMap(([key, { flag, value }]) =>
      values[key] === undefined ? [] : [flag, value.format(values[key])]
    );
  }

  /** The words of a command line that make a run from `base`: those knobs that differ, and those that
   * everybody wants to know. */
  formatDifference(run: Run, base: Run, always: readonly (keyof K)[]): string[] {
    return this.#entries.flatMap(([key, { flag, value, get }]) => {
      const [set, baseSet] = [get(run), get(base)];
      if (set === undefined) return [];
      const text = value.format(set);
      const isSame = baseSet !== undefined && text === value.format(baseSet);
      return isSame && !always.includes(key) ? [] : [flag, text];
    });
  }
}
