import { InvalidDefinitionError } from './errors';
import { Fields, type Report } from './fields';
import { byteLength, isObject, type JsonObject, ownValue, readJson } from './json';
import { inexactNumbers, duplicateKeys } from './json-text';
import { LIMITS } from './limits';
import { checkCatch, checkRetry } from './retry-catch';
import { STATE_TYPES } from './state-types';
import { VariableChecker } from './variable-checker';

export interface Definition {
  readonly body: JsonObject;
  /** The variables that each state refers to, by state name. */
  readonly variableReferences: Readonly<Record<string, string[]>>;
}

/**
 * Reads a definition and validates every field of every state.
 * @throws InvalidDefinitionError with everything that is invalid or unsupported
 */
export function readDefinition(stateMachine: string, definition: string | object): Definition {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  if (byteLength(text) > LIMITS.definitionBytesMax) {
    const message = `the definition has ${byteLength(text)} bytes; the limit is ${LIMITS.definitionBytesMax}`;
    throw new InvalidDefinitionError(stateMachine, [{ message }]);
  }
  const parsed = parse(stateMachine, text);
  const report: Report = { problems: [], variables: new VariableChecker() };
  const { problems } = report;
  const messages = [
    ...duplicateKeys(text).map((place) => `key '${place}' appears twice`),
    ...inexactNumbers(text).map(
      (number) => `the number ${number} cannot be represented exactly; write it as a string`,
    ),
  ];
  const fields = new Fields(parsed, 'definition', report, '');
  fields.string('Comment');
  fields.oneOf('Version', ['1.0']);
  fields.oneOf('QueryLanguage', ['JSONPath']);
  fields.number('TimeoutSeconds', 1, LIMITS.secondsMax);
  new StatesChecker(report).check(fields, false);
  fields.rejectUnknownFields();
  messages.push(...report.variables.problems());
  problems.push(...messages.map((message) => ({ message })));
  if (problems.length > 0) throw new InvalidDefinitionError(stateMachine, problems);
  return { body: parsed, variableReferences: report.variables.variableReferences() };
}

function parse(stateMachine: string, text: string): JsonObject {
  try {
    const parsed = readJson(text);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    if (text.trim() !== '') {
      const message = `the definition is not valid JSON: ${(error as Error).message}`;
      throw new InvalidDefinitionError(stateMachine, [{ message, unreadable: true }]);
    }
  }
  throw new InvalidDefinitionError(stateMachine, [{ message: 'Definition must be a valid JSON object' }]);
}

class StatesChecker {
  private readonly names = new Set<string>();
  constructor(private readonly report: Report) {}

  /** Validates `StartAt`, every state in `States`, and the transitions between them. */
  check(fields: Fields, isolated: boolean): void {
    this.report.variables.inScope(isolated, () => this.checkScope(fields));
  }

  private checkScope(fields: Fields): void {
    const missing = ['States', 'StartAt'].filter((name) => !fields.has(name));
    if (missing.length > 0) fields.addProblem(`These fields are required: [${missing.join(', ')}]`);
    const startAt = fields.string('StartAt');
    const states = fields.inner('States')?.object;
    if (!states) return;
    if (Object.keys(states).length === 0) fields.addProblem('States is empty');
    const transitions = new Map(
      Object.entries(states).map(([name, state]) => [name, this.checkState(name, state, fields.location)]),
    );
    const known = (target: string, from: string): boolean => {
      if (!transitions.has(target))
        fields.addProblem(`${from} refers to '${target}', which is not a state in this scope`);
      return transitions.has(target);
    };
    // Without StartAt every state is unreachable; reporting them all would hide the cause.
    if (startAt === undefined) return;
    const reached = new Set<string>();
    const open = known(startAt, 'StartAt') ? [startAt] : [];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      const from = `state '${name}'`;
      open.push(...(transitions.get(name) ?? []).filter((target) => known(target, from)));
    }
    const unreachable = [...transitions.keys()].filter((name) => !reached.has(name));
    if (unreachable.length > 0)
      fields.addProblem(`unreachable states: ${unreachable.map((name) => `'${name}'`).join(', ')}`);
  }

  /** Validates one state. Returns the names of the states that it can transition to. */
  private checkState(name: string, state: unknown, outerLocation: string): string[] {
    const location = `${outerLocation}/States/${name}`;
    const fields = new Fields(isObject(state) ? state : {}, `state '${name}'`, this.report, location);
    this.report.variables.enterState(name);
    if (name.length > LIMITS.stateNameLengthMax)
      fields.addProblem(`the name exceeds ${LIMITS.stateNameLengthMax} characters`);
    if (this.names.has(name)) fields.addProblem('the name is used twice in this state machine');
    this.names.add(name);
    const type = fields.string('Type');
    const stateType = ownValue(STATE_TYPES, type ?? '');
    if (!stateType) {
      fields.addProblem(
        `Type '${String(type)}' is not supported (supported: ${Object.keys(STATE_TYPES).join(', ')})`,
      );
      return [];
    }
    const { commonFields } = stateType;
    fields.string('Comment');
    fields.oneOf('QueryLanguage', ['JSONPath']);
    if (commonFields.paths)
      for (const path of ['InputPath', 'OutputPath']) fields.path(path, { nullable: true });
    if (commonFields.parameters) fields.template('Parameters');
    if (commonFields.resultSelector) fields.template('ResultSelector');
    if (commonFields.resultPath) fields.resultPath('ResultPath');
    if (commonFields.assign) fields.assign();
    stateType.check(fields, { checkStates: (inner, isolated = false) => this.check(inner, isolated) });
    const caught = commonFields.errors ? checkCatch(fields) : [];
    if (commonFields.errors) checkRetry(fields);
    const next = commonFields.transition ? nextOf(fields) : choicesOf(fields);
    fields.rejectUnknownFields();
    return [...next, ...caught];
  }
}

function nextOf(fields: Fields): string[] {
  fields.requireExclusive(['Next', 'End'], true);
  fields.oneOf('End', [true]);
  const next = fields.string('Next');
  return next === undefined ? [] : [next];
}

function choicesOf(fields: Fields): string[] {
  const { Type: type, Choices: rules, Default: otherwise } = fields.object;
  if (type !== 'Choice') return [];
  const targets = Array.isArray(rules) ? rules.filter(isObject).map((rule) => rule['Next']) : [];
  return [...targets, otherwise].filter((target) => typeof target === 'string');
}
