/**
 * The architecture as lint rules: who may import whom, and what a protocol may not touch.
 *
 * ARCHITECTURE.md explains the rules. `tests/architecture_test.ts` applies them to all of `src/`,
 * where no comment can switch them off; named in deno.json's `lint.plugins` they show in editors.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/** How a layer may use another: all of it, or its types only. */
type Use = "all" | "types";

/** Who may import whom, beside itself. */
const LAYERS: Readonly<Record<string, Readonly<Record<string, Use>>>> = {
  cli: { hosts: "all", simulator: "all", checkers: "all", report: "all" },
  hosts: { wire: "all", history: "all", protocols: "all" },
  simulator: { wire: "all", history: "all", protocols: "all" },
  checkers: { history: "all" },
  report: { history: "all" },
  wire: { protocols: "types" },
  history: { protocols: "types" },
  protocols: {},
};

/** The pure helpers that every layer may use. */
const SHARED = ["protocols/process.ts", "protocols/assert.ts", "protocols/random.ts"];

/** The vocabularies that both sides of a codec share: kinds, flags and limits. */
const VOCABULARY = {
  layer: "wire",
  paths: [
    "protocols/frame.ts",
    "protocols/gossip/messages.ts",
    "protocols/persistent/messages.ts",
    "protocols/token_ring/messages.ts",
  ],
};

/** The only file outside of `src/` that a layer may import: it holds the version. */
const CONFIG = { layer: "cli", path: "../deno.json" };

/** What gives time, randomness, I/O or the order of the event loop to who asks for it. */
const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  ...["Deno", "globalThis", "eval", "Function", "require", "console"],
  ...["Date", "performance", "Temporal", "Intl", "crypto", "FinalizationRegistry", "WeakRef"],
  ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval"],
  ...["clearImmediate", "queueMicrotask", "Promise", "fetch", "WebSocket", "EventSource", "Worker"],
  ...["BroadcastChannel", "MessageChannel", "localStorage", "sessionStorage"],
]);

/** Impure members of globals that have harmless ones too, or a name that protocols need: a process
 * of the group may well be called `process` or `self`. */
const IMPURE_MEMBERS: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: new Set(["random"]),
  process: new Set([
    ...["env", "argv", "cwd", "exit", "hrtime", "kill", "nextTick", "pid", "ppid", "uptime"],
    ...["memoryUsage", "cpuUsage", "stdin", "stdout", "stderr", "platform", "versions"],
  ]),
  self: IMPURE_GLOBALS,
  window: IMPURE_GLOBALS,
};

/** The place of a file: its path from `src/`, and the layer that this begins with. */
interface Place {
  readonly path: string;
  readonly layer: string;
  /** Turns a relative specifier in this file into a path from `src/`. */
  resolve(specifier: string): string;
}

/** Returns the place of a file, or null if it belongs to no layer. */
function placeOf(filename: string): Place | null {
  const url = filename.startsWith("file:") ? filename : pathToFileURL(filename).href;
  const at = url.lastIndexOf("/src/") + "/src/".length;
  const path = url.slice(at);
  const layer = path.split("/")[0]!;
  if (at < "/src/".length || !Object.hasOwn(LAYERS, layer)) return null;
  const base = url.slice(0, at);
  return {
    path,
    layer,
    resolve(specifier) {
      const target = new URL(specifier, url).href;
      const root = base.slice(0, -"src/".length);
      if (target.startsWith(base)) return target.slice(base.length);
      return target.startsWith(root) ? `../${target.slice(root.length)}` : target;
    },
  };
}

/** Returns what is wrong with an import of `specifier`, or null. */
function judge(place: Place, specifier: string, typesOnly: boolean): string | null {
  if (!/^(\.\.?\/|\/|file:)/.test(specifier)) {
    return place.layer === "protocols" ? `protocols import nothing, not even ${specifier}` : null;
  }
  const target = place.resolve(specifier);
  const layer = target.split("/")[0]!;
  if (layer === place.layer || SHARED.includes(target)) return null;
  if (place.layer === CONFIG.layer && target === CONFIG.path) return null;
  if (place.layer === VOCABULARY.layer && VOCABULARY.paths.includes(target)) return null;
  const use = LAYERS[place.layer]![layer];
  if (use === "all" || (use === "types" && typesOnly)) return null;
  return use === "types"
    ? `${place.layer} may import types only from ${layer}: ${target}`
    : `${place.layer} may not import ${target}`;
}

/** Whether an import or export of these names leaves nothing at run time. */
function isTypesOnly(kind: string, kinds: readonly (string | undefined)[]): boolean {
  return kind === "type" || (kinds.length > 0 && kinds.every((each) => each === "type"));
}

const layers: Deno.lint.Rule = {
  create(context) {
    const place = placeOf(context.filename);
    if (place === null) return {};
    const check = (node: Deno.lint.Node, specifier: unknown, typesOnly: boolean) => {
      const wrong = typeof specifier === "string"
        ? judge(place, specifier, typesOnly)
        : "an import must name its module";
      if (wrong !== null) context.report({ node, message: capitalized(wrong) });
    };
    return {
      ImportDeclaration(node) {
        const kinds = node.specifiers.map((each) =>
          each.type === "ImportSpecifier" ? each.importKind : undefined
        );
        check(node, node.source.value, isTypesOnly(node.importKind, kinds));
      },
      ExportNamedDeclaration(node) {
        if (node.source === null) return;
        const kinds = node.specifiers.map((each) => each.exportKind);
        check(node, node.source.value, isTypesOnly(node.exportKind, kinds));
      },
      ExportAllDeclaration(node) {
        check(node, node.source.value, node.exportKind === "type");
      },
      ImportExpression(node) {
        check(node, node.source.type === "Literal" ? node.source.value : undefined, false);
      },
      TSImportType(node) {
        const { argument } = node;
        const literal = argument.type === "TSLiteralType" ? argument.literal : undefined;
        check(node, literal?.type === "Literal" ? literal.value : undefined, true);
      },
      TSExternalModuleReference(node) {
        check(node, node.expression.value, false);
      },
    };
  },
};

const pureProtocols: Deno.lint.Rule = {
  create(context) {
    if (placeOf(context.filename)?.layer !== "protocols") return {};
    const report = (node: Deno.lint.Node, what: string) =>
      context.report({ node, message: `A protocol is pure: ${what} is not for it` });
    const checkFunction = (node: Deno.lint.Node & { async: boolean }) => {
      if (node.async) report(node, "async");
    };
    return {
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      AwaitExpression: (node) => report(node, "await"),
      ForOfStatement(node) {
        if (node.await) report(node, "for await");
      },
      MetaProperty(node) {
        if (context.sourceCode.getText(node) === "import.meta") report(node, "import.meta");
      },
      Identifier(node) {
        if (IMPURE_GLOBALS.has(node.name) && !isMemberName(node)) report(node, node.name);
      },
      MemberExpression(node) {
        const name = memberName(node);
        if (node.object.type === "Identifier" && isImpureMember(node.object.name, name)) {
          report(node, `${node.object.name}.${name}`);
        }
      },
      VariableDeclarator(node) {
        if (node.init?.type !== "Identifier" || node.id.type !== "ObjectPattern") return;
        for (const property of node.id.properties) {
          const name = property.type === "Property" ? keyName(property.key) : undefined;
          if (isImpureMember(node.init.name, name)) report(node, `${node.init.name}.${name}`);
        }
      },
    };
  },
};

function isImpureMember(object: string, member: string | undefined): boolean {
  return member !== undefined && Object.hasOwn(IMPURE_MEMBERS, object) &&
    IMPURE_MEMBERS[object]!.has(member);
}

function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.computed) return keyName(node.property, true);
  return node.property.type === "Identifier" ? node.property.name : undefined;
}

/** The name that a key says literally. */
function keyName(key: Deno.lint.Node, computed = false): string | undefined {
  if (key.type === "Identifier" && !computed) return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined;
}

/** Whether an identifier only names a member (`x.Date`, `{ Date: 1 }`), not a variable. */
function isMemberName(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  switch (parent.type) {
    case "MemberExpression":
      return !parent.computed && isSame(parent.property, node);
    case "Property":
      return !parent.computed && !parent.shorthand && isSame(parent.key, node);
    case "PropertyDefinition":
    case "MethodDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return !parent.computed && isSame(parent.key, node);
    default:
      return false;
  }
}

function isSame(one: Deno.lint.Node, other: Deno.lint.Node): boolean {
  return one.type === other.type && one.range[0] === other.range[0];
}

function capitalized(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** The rules `mpcomm/layers` and `mpcomm/pure-protocols`. */
const plugin: Deno.lint.Plugin = {
  name: "mpcomm",
  rules: { "layers": layers, "pure-protocols": pureProtocols },
};

export default plugin;
