/** Builds the input of a target from an event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
import { isRecord } from '../aws-json';
import type { Event } from './event';
import { LIMITS } from './limits';
import { isJson } from '../is-json';

export interface TargetInput {
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    { readonly InputTemplate: string; readonly InputPathsMap?: unknown } | undefined;
}

export interface RuleIdentity {
  readonly name: string;
  readonly arn: string;
}

/** Returns the input as JSON text. @throws Error if the result is not JSON */
export type MakeInput = (event: Event, rule: RuleIdentity, receivedMs: number) => string;

/** @throws Error that names what is invalid or not supported */
export function compileInput({ Input, InputPath, InputTransformer }: TargetInput): MakeInput {
  const given = [Input, InputPath, InputTransformer].filter((value) => value !== undefined);
  if (given.length > 1)
    throw new Error('Only one of Input, InputPath and InputTransformer is allowed. Remove the others');
  if (Input !== undefined) {
    if (Input.length > LIMITS.inputLengthMax)
      throw new Error(`Input has ${Input.length} characters; the limit is ${LIMITS.inputLengthMax}`);
    if (!isJson(Input)) throw new Error(`Input is not JSON: ${Input}`);
    return () => Input;
  }
  if (InputPath !== undefined) {
    const find = compilePath(InputPath, 'InputPath');
    return (event) => {
      const found = find(event);
      if (found === undefined) throw new Error(`InputPath ${InputPath} matches nothing in the event`);
      return JSON.stringify(found);
    };
  }
  if (InputTransformer !== undefined) return compileTransformer(InputTransformer);
  return (event) => JSON.stringify(event);
}

type Find = (event: unknown) => unknown;

/** Supports `$`, names of letters, digits, dashes, underscores and slashes, and indexes. */
function compilePath(path: string, place: string): Find {
  const steps = [...path.slice(1).matchAll(/\.([\w/-]+)|\[(\d+)\]/g)];
  const supported = steps.map(([step]) => step).join('');
  if (path.length > LIMITS.pathLengthMax)
    throw new Error(`${place} has ${path.length} characters; the limit is ${LIMITS.pathLengthMax}`);
  if (path !== `$${supported}`)
    throw new Error(`${place} ${path} is not supported. Use only $, names and indexes`);
  return (event) =>
    steps.reduce<unknown>((value, [, name, index]) => {
      if (index !== undefined) return Array.isArray(value) ? (value[Number(index)] as unknown) : undefined;
      return isRecord(value) && Object.hasOwn(value, name!) ? value[name!] : undefined;
    }, event);
}

const RESERVED: Readonly<Record<string, (event: Event, rule: RuleIdentity, receivedMs: number) => unknown>> =
  {
    'aws.events.rule-arn': (_event, { arn }) => arn,
    'aws.events.rule-name': (_event, { name }) => name,
    'aws.events.event.ingestion-time': (_event, _rule, receivedMs) => new Date(receivedMs).toISOString(),
    'aws.events.event': (event) => ({ ...event, detail: undefined }),
    'aws.events.event.json': (event) => event,
  };
const VARIABLE = /<([\w.-]+)>/g;

function compileTransformer(transformer: NonNullable<TargetInput['InputTransformer']>): MakeInput {
  const { InputTemplate: template, InputPathsMap: paths = {} } = transformer;
  const problems: string[] = [];
  if (!isRecord(paths)) throw new Error('InputPathsMap must be an object');
  const finds = new Map<string, Find>();
  for (const [name, path] of Object.entries(paths)) {
    if (!/^[\w-]{1,256}$/.test(name) || /^aws/i.test(name))
      problems.push(`the name of the variable ${name} is invalid`);
    try {
      finds.set(name, compilePath(String(path), `the path of ${name}`));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (finds.size > LIMITS.variablesMax)
    problems.push(`InputPathsMap has ${finds.size} variables; the limit is ${LIMITS.variablesMax}`);
  if (template === '') problems.push('InputTemplate is empty');
  if (template.length > LIMITS.templateLengthMax)
    problems.push(
      `InputTemplate has ${template.length} characters; the limit is ${LIMITS.templateLengthMax}`,
    );
  for (const [, name] of template.matchAll(VARIABLE)) {
    if (!finds.has(name!) && !Object.hasOwn(RESERVED, name!))
      problems.push(`InputTemplate uses <${name}>, which InputPathsMap does not define`);
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
  return (event, rule, receivedMs) => {
    const valueOf = (name: string): unknown =>
      finds.has(name) ? finds.get(name)!(event) : RESERVED[name]!(event, rule, receivedMs);
    const text = render(template, valueOf);
    if (!isJson(text)) throw new Error(`InputTemplate does not produce JSON for the event: ${text}`);
    return text;
  };
}

/** Inserts values without escaping within quotes, and as JSON elsewhere. A path without a match inserts nothing. */
function render(template: string, valueOf: (name: string) => unknown): string {
  let [quoted, from, rendered] = [false, 0, ''];
  for (const match of template.matchAll(VARIABLE)) {
    const between = template.slice(from, match.index);
    quoted =
      [...between.matchAll(/\\.|"/gs)].filter(([mark]) => mark === '"').length % 2 === 0 ? quoted : !quoted;
    const value = valueOf(match[1]!);
    rendered += between + (value === undefined ? '' : quoted ? toBareText(value) : JSON.stringify(value));
    from = match.index + match[0].length;
  }
  return rendered + template.slice(from);
}

const toBareText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value).replace(/"/g, '');
