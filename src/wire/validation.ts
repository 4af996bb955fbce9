/**
 * From a decoded value of unknown shape to a typed message, or an error that names the wrong field.
 *
 * ```ts
 * import { integer, messages, text } from "./validation.ts";
 *
 * type Greeting = { type: "hello"; name: string } | { type: "bye"; seconds: number };
 * const decode = messages<Greeting>({
 *   hello: { name: text(1, 64) },
 *   bye: { seconds: integer(0, 60) },
 * });
 * console.assert(decode({ type: "hello", name: "Ada", extra: true }).type === "hello");
 * ```
 *
 * Fields that nobody asks for are left out, so that a later version may add some.
 *
 * @module
 */

import type { Address } from "./address.ts";

/** Checks a value and returns it typed. `field` says where it was found.
 *
 * @throws {TypeError} naming the field and what it must be. */
export type Check<T> = (value: unknown, field: string) => T;

/** A check for each field of T. */
export type Shape<T> = { readonly [Key in keyof T]-?: Check<T[Key]> };

/** The shapes of a union of messages that differ in `type`, by that type. */
export type MessageShapes<M extends { readonly type: string }> = {
  readonly [Type in M["type"]]: Shape<Omit<Extract<M, { readonly type: Type }>, "type">>;
};

/** A string of `min` to `max` UTF-16 units on one line: without control characters, which could
 * rewrite the terminal that shows it. */
export function text(min: number, max: number): Check<string> {
  return (value, field) => {
    if (typeof value !== "string" || value.length < min || value.length > max) {
      throw wrong(field, `a string of ${min} to ${max} characters`);
    }
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) throw wrong(field, "free of control characters");
    return value;
  };
}

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): Check<number> {
  return (value, field) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      throw wrong(field, `an integer from ${min} to ${max}`);
    }
    return value as number;
  };
}

/** A number from `min` to `max`, fractions allowed. */
export function number(min: number, max: number): Check<number> {
  return (value, field) => {
    // Written so that NaN fails.
    if (!(typeof value === "number" && value >= min && value <= max)) {
      throw wrong(field, `a number from ${min} to ${max}`);
    }
    return value;
  };
}

/** True or false. */
export const boolean: Check<boolean> = (value, field) => {
  if (typeof value !== "boolean") throw wrong(field, "true or false");
  return value;
};

/** A binary of at most `max` bytes. It stays a view on the message that it came in. */
export function bytes(max: number): Check<Uint8Array> {
  return (value, field) => {
    if (!(value instanceof Uint8Array) || value.length > max) {
      throw wrong(field, `a binary of at most ${max} bytes`);
    }
    return value;
  };
}

/** One of the given strings. */
export function oneOf<const T extends string>(values: readonly T[]): Check<T> {
  return (value, field) => {
    if (!values.includes(value as T)) throw wrong(field, `one of ${values.join(", ")}`);
    return value as T;
  };
}

/** What `check` accepts, or nothing: null, also where the field is missing. */
export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, field) => value === undefined || value === null ? null : check(value, field);
}

/** What `check` accepts, or no such field: the result has none either where it is null or missing. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, field) => nullable(check)(value, field) ?? undefined;
}

/** An array of at most `max` elements that all pass `check`. */
export function array<T>(check: Check<T>, max: number): Check<readonly T[]> {
  return (value, field) => {
    if (!Array.isArray(value) || value.length > max) {
      throw wrong(field, `an array of at most ${max} elements`);
    }
    return value.map((element, i) => check(element, `${field}[${i}]`));
  };
}

/** A map with the fields of `shape`; others are left out of the result. */
export function record<T extends object>(shape: Shape<T>): Check<T> {
  return (value, field) => {
    if (!isMap(value)) throw wrong(field, "a map");
    return pick(value, shape, `${field}.`);
  };
}

/**
 * A decoder for a union of messages that differ in their field `type`.
 *
 * @returns a function that throws a TypeError naming the message and the field that is wrong.
 */
export function messages<M extends { readonly type: string }>(
  shapes: MessageShapes<M>,
): (value: unknown) => M {
  const byType = new Map<unknown, Shape<object>>(Object.entries(shapes));
  const types = [...byType.keys()].join(", ");
  return (value) => {
    if (!isMap(value)) throw new TypeError("A message must be a map");
    const type = own(value, "type");
    const shape = byType.get(type);
    if (shape === undefined) throw new TypeError(`Field type must be one of ${types}`);
    try {
      return { type, ...pick(value, shape, "") } as unknown as M;
    } catch (error) {
      throw new TypeError(`In message ${type}: ${(error as Error).message}`);
    }
  };
}

/** A UDP or TCP endpoint that can be sent to, or an unspecified host with a port. The host is a
 * name or IP literal in ASCII (an international name in its encoded form). */
export const address: Check<Address> = record<Address>({
  host: (value, field) => {
    if (typeof value !== "string" || !/^[A-Za-z0-9._:%-]{1,253}$/.test(value)) {
      throw wrong(field, "a host name or IP address of 1 to 253 characters");
    }
    return value;
  },
  port: integer(1, 65535),
});

function wrong(field: string, expected: string): TypeError {
  return new TypeError(`Field ${field} must be ${expected}`);
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}

/** Reads a field that came in the message, never one that every object inherits. */
function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function pick<T extends object>(value: object, shape: Shape<T>, prefix: string): T {
  const result: Partial<T> = {};
  for (const key of Object.keys(shape) as (keyof T & string)[]) {
    const checked = shape[key](own(value, key), prefix + key);
    if (checked !== undefined) result[key] = checked;
  }
  return result as T;
}
