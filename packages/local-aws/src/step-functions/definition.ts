import { DefinitionRefused } from './errors';
import { Fields, type Report } from './fields';
import { byteLength, isObject, own, type JsonObject } from './json';
import { lostNumbers, repeatedKeys } from './json-text';
import { LIMITS } from './limits';
import { checkCatch, checkRetry } from './retry-catch';
import { STATE_KINDS } from './state-kinds';
import { VariableCheck } from './variable-check';

export interface Definition {
  readonly body: JsonObject;
  /** By state: the variables that it refers to. */
  readonly variableReferences: Readonly<Record<string, string[]>>;
}

/**
 * Reads a definition and checks every field of every state. Throws {@link DefinitionRefused} with everything that is
 * wrong or unsupported.
 */
export function readDefinition(stateMachine: string, definition: string | object): Definition {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  if (byteLength(text) > LIMITS.definitionBytesMax) {
    const message = `it has ${byteLength(text)} bytes, the limit is ${LIMITS.definitionBytesMax}`;
    throw new DefinitionRefused(stateMachine, [{ message }]);
  }
  const parsed = parse(stateMachine, text);
  const report: Report = { problems: [], variables: new VariableCheck() };
  const { problems } = report;
  const messages = [
    ...repeatedKeys(text).map((place) => `the key '${place}' is given twice`),
    ...lostNumbers(text).map(
      (number) => `the number ${number} is beyond what is kept exactly; give it as text`,
    ),
  ];
  const fields = new Fields(parsed, 'definition', report, '');
  fields.text('Comment');
  fields.oneOf('Version', ['1.0']);
  fields.oneOf('QueryLanguage', ['JSONPath']);
  fields.number('TimeoutSeconds', 1, LIMITS.secondsMax);
  new StatesCheck(report).check(fields, false);
  fields.finish();
  messages.push(...report.variables.problems());
  problems.push(...messages.map((message) => ({ message })));
  if (problems.length > 0) throw new DefinitionRefused(stateMachine, problems);
  return { body: parsed, variableReferences: report.variables.variableReferences() };
}

function parse(stateMachine: string, text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    if (text.trim() !== '') {
      const message = `it is no JSON: ${(error as Error).message}`;
      throw new DefinitionRefused(stateMachine, [{ message, unreadable: true }]);
    }
  }
  throw new DefinitionRefused(stateMachine, [{ message: 'Definition must be a valid JSON object' }]);
}

class StatesCheck {
  private readonly names = new Set<string>();
  constructor(private readonly report: Report) {}

  /** Checks `StartAt` and `States`, the states themselves and the ways between them. */
  check(fields: Fields, isolated: boolean): void {
    this.report.variables.within(isolated, () => this.checkScope(fields));
  }

  private checkScope(fields: Fields): void {
    const missing = ['States', 'StartAt'].filter((name) => !fields.has(name));
    if (missing.length > 0) fields.problem(`These fields are required: [${missing.join(', ')}]`);
    const startAt = fields.text('StartAt');
    const states = fields.inner('States')?.object;
    if (!states) return;
    if (Object.keys(states).length === 0) fields.problem('States has no state');
    const ways = new Map(
      Object.entries(states).map(([name, state]) => [name, this.checkState(name, state, fields.location)]),
    );
    const known = (target: string, from: string): boolean => {
      if (!ways.has(target)) fields.problem(`${from} leads to '${target}', which is no state here`);
      return ways.has(target);
    };
    // Without a beginning every state would be lost, which nobody needs to hear.
    if (startAt === undefined) return;
    const reached = new Set<string>();
    const open = known(startAt, 'StartAt') ? [startAt] : [];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      const from = `state '${name}'`;
      open.push(...(ways.get(name) ?? []).filter((target) => known(target, from)));
    }
    const lost = [...ways.keys()].filter((name) => !reached.has(name));
    if (lost.length > 0) fields.problem(`no way leads to ${lost.map((name) => `'${name}'`).join(', ')}`);
  }

  /** Returns the names of the states that follow. */
  private checkState(name: string, state: unknown, outerLocation: string): string[] {
    const location = `${outerLocation}/States/${name}`;
    const fields = new Fields(isObject(state) ? state : {}, `state '${name}'`, this.report, location);
    this.report.variables.enterState(name);
    if (name.length > LIMITS.stateNameLengthMax)
      fields.problem(`its name exceeds ${LIMITS.stateNameLengthMax} characters`);
    if (this.names.has(name)) fields.problem('its name is used twice in this state machine');
    this.names.add(name);
    const type = fields.text('Type');
    const kind = own(STATE_KINDS, type ?? '');
    if (!kind) {
      fields.problem(
        `Type '${String(type)}' is not supported (supported: ${Object.keys(STATE_KINDS).join(', ')})`,
      );
      return [];
    }
    const { traits } = kind;
    fields.text('Comment');
    fields.oneOf('QueryLanguage', ['JSONPath']);
    if (traits.paths) for (const path of ['InputPath', 'OutputPath']) fields.path(path, { nullable: true });
    if (traits.parameters) fields.template('Parameters');
    if (traits.resultSelector) fields.template('ResultSelector');
    if (traits.resultPath) fields.resultPath('ResultPath');
    if (traits.assign) fields.assign();
    kind.check(fields, { checkStates: (inner, isolated = false) => this.check(inner, isolated) });
    const caught = traits.errors ? checkCatch(fields) : [];
    if (traits.errors) checkRetry(fields);
    const next = traits.transition ? nextOf(fields) : choicesOf(fields);
    fields.finish();
    return [...next, ...caught];
  }
}

function nextOf(fields: Fields): string[] {
  fields.exclusive(['Next', 'End'], true);
  fields.oneOf('End', [true]);
  const next = fields.text('Next');
  return next === undefined ? [] : [next];
}

function choicesOf(fields: Fields): string[] {
  const { Type: type, Choices: rules, Default: otherwise } = fields.object;
  if (type !== 'Choice') return [];
  const targets = Array.isArray(rules) ? rules.filter(isObject).map((rule) => rule['Next']) : [];
  return [...targets, otherwise].filter((target) => typeof target === 'string');
}
