import { RuntimeFailure } from './errors';
import type { Json, JsonObject } from './json';
import { abbreviate, isObject } from './json';

/**
 * The subset of JSONPath that Step Functions definitions need: `$`, `$$` or `$variable`, names, indexes and wildcards.
 * A general library cannot report at creation which paths it evaluates differently from Step Functions. It also does
 * not distinguish a path to one node (a missing node is an error) from a path to many (an array).
 */
export type Step = { kind: 'name'; name: string } | { kind: 'index'; index: number } | { kind: 'all' };

export interface Path {
  readonly text: string;
  readonly root: 'input' | 'context' | 'variable';
  /** The name of the root variable. */
  readonly variable: string | undefined;
  readonly steps: readonly Step[];
  /** Whether this is a reference path, which identifies at most one node. */
  readonly definite: boolean;
}

/** The values of `$`, `$$` and `$variable`. */
export interface Roots {
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: { get(name: string): Json | undefined };
}

export class PathSyntaxError extends Error {}

/**
 * A backslash in a bracket name stands for itself, as recorded on AWS:
 * https://github.com/localstack/localstack, tests/aws/services/stepfunctions/v2/scenarios/test_base_scenarios.snapshot.json,
 * `test_escape_sequence_parsing[ESCAPE_SEQUENCES_JSONPATH]`. It is refused before a backslash and the name's own quote:
 * versions of Jayway's JsonPath read those differently, and no recording shows what AWS does.
 */
const STEP =
  /(?:\.(?<name>[\p{L}_][\p{L}\p{N}_-]*))|(?:\[(?:'(?<single>(?:[^'\\]|\\[^'\\])*)'|"(?<double>(?:[^"\\]|\\[^"\\])*)")\])|(?:\[(?<index>\d+)\])|(?<all>\.\*|\[\*\])/uy;

const AMBIGUOUS_ESCAPE = /^\[(?:'[^']*\\['\\]|"[^"]*\\["\\])/;

const ROOT = /^(?<root>\$(?:\$|(?<variable>\p{ID_Start}\p{ID_Continue}*))?)/u;

const parsed = new Map<string, Path>();

/**
 * Parses a path. Throws {@link PathSyntaxError} for invalid syntax and for unsupported parts: filters, slices, unions,
 * recursive descent and negative indexes.
 */
export function parsePath(text: string): Path {
  const known = parsed.get(text);
  if (known) return known;
  const { root: rootText, variable } = ROOT.exec(text)?.groups ?? {};
  if (rootText === undefined) throw new PathSyntaxError(`'${text}' is not a path: it must start with '$'`);
  const steps: Step[] = [];
  for (let at = rootText.length; at < text.length;) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match) {
      if (AMBIGUOUS_ESCAPE.test(text.slice(at))) {
        throw new PathSyntaxError(
          `'${text}' has an escaped quote or backslash in a name, which is not supported; rename the key`,
        );
      }
      throw new PathSyntaxError(
        `'${text}' uses unsupported JSONPath at '${text.slice(at)}' (supported: names, [index], [*])`,
      );
    }
    steps.push(asStep(match.groups ?? {}));
    at = STEP.lastIndex;
  }
  const path: Path = {
    text,
    root: variable !== undefined ? 'variable' : rootText === '$$' ? 'context' : 'input',
    variable,
    steps,
    definite: steps.every((step) => step.kind !== 'all'),
  };
  parsed.set(text, path);
  return path;
}

function asStep(groups: Record<string, string | undefined>): Step {
  if (groups['index'] !== undefined) return { kind: 'index', index: Number(groups['index']) };
  if (groups['all'] !== undefined) return { kind: 'all' };
  return { kind: 'name', name: groups['name'] ?? groups['single'] ?? groups['double'] ?? '' };
}

/** Returns the node at a reference path, or undefined if it is missing; all matches if the path has a wildcard. */
export function lookUp(path: Path, roots: Roots): Json | undefined {
  const root = rootOf(path, roots);
  let nodes = root === undefined ? [] : [root];
  for (const step of path.steps) nodes = nodes.flatMap((node) => follow(node, step));
  return path.definite ? nodes[0] : nodes;
}

/** Explains which node of a reference path is missing, worded as AWS does. */
export function describeMissingNode(path: Path, roots: Roots): string {
  let node = rootOf(path, roots);
  let traversed = '$';
  for (const [index, step] of path.steps.entries()) {
    traversed +=
      step.kind === 'name' ? `['${step.name}']` : step.kind === 'index' ? `[${step.index}]` : '[*]';
    node = node === undefined ? undefined : follow(node, step)[0];
    const isIntermediate = index < path.steps.length - 1;
    if (node === undefined && isIntermediate) return `Missing property in path ${traversed}`;
  }
  return `No results for path: ${traversed}`;
}

function rootOf({ root, variable }: Path, roots: Roots): Json | undefined {
  if (root === 'variable') return roots.variables.get(variable ?? '');
  return root === 'context' ? roots.context : roots.input;
}

function follow(node: Json, step: Step): Json[] {
  switch (step.kind) {
    case 'name': {
      const value = isObject(node) && Object.hasOwn(node, step.name) ? node[step.name] : undefined;
      return value === undefined ? [] : [value];
    }
    case 'index': {
      const value = Array.isArray(node) ? node[step.index] : undefined;
      return value === undefined ? [] : [value];
    }
    case 'all':
      if (Array.isArray(node)) return node;
      return isObject(node) ? Object.values(node) : [];
  }
}

/**
 * Returns the value at the path. Throws States.Runtime if it is missing.
 * @param field the name of the field that holds the path, for errors
 */
export function resolvePath(text: string, roots: Roots, field: string): Json {
  const value = lookUp(parsePath(text), roots);
  if (value !== undefined) return value;
  const { variable } = parsePath(text);
  if (variable !== undefined && roots.variables.get(variable) === undefined) {
    throw new RuntimeFailure(
      `The variable '$${variable}' in the field '${field}' has no value: no state has assigned it yet`,
    );
  }
  throw new RuntimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${abbreviate(roots.input)}'`,
  );
}

/** Returns a copy of `whole` with `value` at the reference path. Creates missing objects along the path. */
export function setAtPath(whole: Json, path: Path, value: Json): Json {
  return setAt(whole, path, 0, value);
}

function setAt(node: Json | undefined, path: Path, depth: number, value: Json): Json {
  const step = path.steps[depth];
  if (step === undefined) return value;
  if (step.kind === 'index' && Array.isArray(node) && step.index < node.length) {
    const copy = [...node];
    copy[step.index] = setAt(node[step.index], path, depth + 1, value);
    return copy;
  }
  if (step.kind === 'name' && (node === undefined || isObject(node))) {
    const inner = node !== undefined && Object.hasOwn(node, step.name) ? node[step.name] : undefined;
    return { ...node, [step.name]: setAt(inner, path, depth + 1, value) };
  }
  throw new RuntimeFailure(
    `Unable to apply the ResultPath '${path.text}' to the input '${abbreviate(node)}'`,
  );
}
