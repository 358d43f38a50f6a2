import { RuntimeFailure } from './errors';
import type { Json, JsonObject } from './json';
import { abbreviate, isObject } from './json';

/**
 * The part of JSONPath that Step Functions definitions need, and no more: `$`, `$$` or `$variable`, names, indexes and
 * the wildcard. Our own evaluator, because a general one cannot tell at registration which paths it will misread,
 * and because Step Functions distinguishes a path to one node (missing is an error) from one to many (an array).
 */
export type Step = { kind: 'name'; name: string } | { kind: 'index'; index: number } | { kind: 'all' };

export interface Path {
  readonly text: string;
  readonly root: 'input' | 'context' | 'variable';
  /** Of the root, if it is a variable. */
  readonly variable: string | undefined;
  readonly steps: readonly Step[];
  /** A reference path: leads to one node at most. */
  readonly definite: boolean;
}

/** What `$`, `$$` and `$variable` stand for. */
export interface Roots {
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: { get(name: string): Json | undefined };
}

export class PathSyntaxError extends Error {}

const STEP =
  /(?:\.(?<name>[\p{L}_][\p{L}\p{N}_-]*))|(?:\[(?:'(?<single>(?:[^'\\]|\\.)*)'|"(?<double>(?:[^"\\]|\\.)*)")\])|(?:\[(?<index>\d+)\])|(?<all>\.\*|\[\*\])/uy;

const ROOT = /^(?<root>\$(?:\$|(?<variable>\p{ID_Start}\p{ID_Continue}*))?)/u;

const parsed = new Map<string, Path>();

/** Throws {@link PathSyntaxError} for filters, slices, unions, recursive descent, negative indexes and typing errors. */
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
  const quoted = groups['single'] ?? groups['double'];
  return { kind: 'name', name: groups['name'] ?? (quoted ?? '').replace(/\\(.)/g, '$1') };
}

/** The node, or `undefined` if a definite path leads nowhere; an array of all matches if it has a wildcard. */
export function lookUp(path: Path, roots: Roots): Json | undefined {
  const root = rootOf(path, roots);
  let nodes = root === undefined ? [] : [root];
  for (const step of path.steps) nodes = nodes.flatMap((node) => follow(node, step));
  return path.definite ? nodes[0] : nodes;
}

/** Why a definite path leads nowhere, in the service's words: what is missing is the last step, or one on the way. */
export function describeMissingNode(path: Path, roots: Roots): string {
  let node = rootOf(path, roots);
  let way = '$';
  for (const [index, step] of path.steps.entries()) {
    way += step.kind === 'name' ? `['${step.name}']` : step.kind === 'index' ? `[${step.index}]` : '[*]';
    node = node === undefined ? undefined : follow(node, step)[0];
    const onTheWay = index < path.steps.length - 1;
    if (node === undefined && onTheWay) return `Missing property in path ${way}`;
  }
  return `No results for path: ${way}`;
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

/** The node at the path; fails with States.Runtime if there is none. `field` names the definition's field. */
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

/** A copy of `whole` with `value` at the reference path; missing objects on the way are made. */
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
