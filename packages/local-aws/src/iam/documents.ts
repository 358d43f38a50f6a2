/** Reads policy documents strictly: every element that is not evaluated is reported as a problem. */
import { partsOf } from './patterns';
import type { Condition, Statement, Trust } from './policy';

type Json = Readonly<Record<string, unknown>>;

const VERSION = '2012-10-17';
/** Present if a request names a version or an alias of a state machine. */
const QUALIFIER = 'states:StateMachineQualifier';
const OPERATORS = ['StringEquals', 'ArnLike'] as const;
const KEYS = ['aws:SourceAccount', 'aws:SourceArn'] as const;

/** Receives each problem with its place. */
export type Report = (problem: string) => void;

/** @param place where the document is, e.g. the policy's logical id */
export function readPolicy(document: unknown, place: string, report: Report): Statement[] {
  return statementsOf(document, place, report).map((statement, index) => {
    const at = `${place}, statement ${index + 1}`;
    const qualified = qualifiedOf(statement['Condition']);
    const condition = qualified === null ? [] : ['Condition'];
    requireOnly(statement, ['Sid', 'Effect', 'Action', 'Resource', ...condition], at, report);
    const resources = readStrings(statement, 'Resource', at, report);
    for (const resource of resources) checkResource(resource, at, report);
    return {
      effect: effectOf(statement, at, report),
      actions: actionsOf(statement, at, report),
      resources,
      qualified,
      place: at,
    };
  });
}

/** The one condition of a permission that is evaluated: `Null` on the version or alias of a state machine. */
function qualifiedOf(condition: unknown): boolean | null {
  const [operator, ...others] = isObject(condition) ? Object.entries(condition) : [];
  if (operator?.[0] !== 'Null' || others.length > 0 || !isObject(operator[1])) return null;
  const [key, ...keys] = Object.entries(operator[1]);
  if (key?.[0].toLowerCase() !== QUALIFIER.toLowerCase() || keys.length > 0) return null;
  return key[1] === 'false' ? true : key[1] === 'true' ? false : null;
}

export function readTrust(document: unknown, place: string, report: Report): Trust[] {
  return statementsOf(document, place, report).map((statement, index) => {
    const at = `${place}, statement ${index + 1}`;
    requireOnly(statement, ['Sid', 'Effect', 'Action', 'Principal', 'Condition'], at, report);
    return {
      effect: effectOf(statement, at, report),
      actions: actionsOf(statement, at, report),
      services: servicesOf(statement['Principal'], at, report),
      conditions: conditionsOf(statement['Condition'], at, report),
    };
  });
}

function statementsOf(document: unknown, place: string, report: Report): Json[] {
  if (!isObject(document)) {
    report(`${place}: the policy document is ${JSON.stringify(document)}, not an object`);
    return [];
  }
  requireOnly(document, ['Version', 'Statement', 'Id'], place, report);
  if (document['Version'] !== VERSION)
    report(`${place}: Version is ${JSON.stringify(document['Version'])}; use "${VERSION}"`);
  const statements = listOf(document['Statement']);
  const [objects, others] = [statements.filter(isObject), statements.filter((each) => !isObject(each))];
  if (statements.length === 0 || others.length > 0)
    report(`${place}: Statement is ${JSON.stringify(document['Statement'])}, not a list of statements`);
  return objects;
}

/** Reports every unknown member. */
export function requireOnly(given: Json, known: readonly string[], at: string, report: Report): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    report(`${at}: ${name} (${JSON.stringify(given[name])}) is not evaluated locally; ${remedy(known)}`);
  }
}

const remedy = (known: readonly string[]): string => `use only ${known.join(', ')}`;

function effectOf({ Effect: effect }: Json, at: string, report: Report): 'Allow' | 'Deny' {
  if (effect !== 'Allow' && effect !== 'Deny')
    report(`${at}: Effect is ${JSON.stringify(effect)}, not Allow or Deny`);
  return effect === 'Deny' ? 'Deny' : 'Allow';
}

function actionsOf(statement: Json, at: string, report: Report): string[] {
  const actions = readStrings(statement, 'Action', at, report);
  for (const action of actions) {
    if (action !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/.test(action))
      report(`${at}: Action ${JSON.stringify(action)} is not "<service>:<action>"`);
  }
  return actions;
}

function checkResource(resource: string, at: string, report: Report): void {
  if (resource !== '*' && partsOf(resource) === undefined)
    report(`${at}: Resource ${JSON.stringify(resource)} is neither "*" nor an ARN with six parts`);
  if (resource.includes('${'))
    report(
      `${at}: Resource ${JSON.stringify(resource)} has a policy variable, which is not evaluated locally; write the value`,
    );
}

function servicesOf(principal: unknown, at: string, report: Report): string[] {
  if (!isObject(principal) || Object.keys(principal).join() !== 'Service') {
    report(`${at}: Principal ${JSON.stringify(principal)} is not evaluated locally; use {"Service": …}`);
    return [];
  }
  const services = readStrings(principal, 'Service', at, report);
  for (const service of services.filter((each) => /[*?]/.test(each)))
    report(`${at}: Principal.Service ${JSON.stringify(service)} has a wildcard; name the services`);
  return services;
}

function conditionsOf(given: unknown, at: string, report: Report): Condition[] {
  if (given === undefined) return [];
  if (!isObject(given)) {
    report(`${at}: Condition is ${JSON.stringify(given)}, not an object`);
    return [];
  }
  return Object.entries(given).flatMap(([operator, keys]) => {
    if (isObject(keys) && Object.keys(keys).length > 0)
      return Object.entries(keys).flatMap(([key, values]) => conditionOf(operator, key, values, at, report));
    // An operator without keys would always hold.
    report(`${at}: the condition ${operator} has ${JSON.stringify(keys)}; it must map keys to values`);
    return [];
  });
}

function conditionOf(
  operator: string,
  key: string,
  values: unknown,
  at: string,
  report: Report,
): Condition[] {
  const known = OPERATORS.find((each) => each === operator);
  const named = KEYS.find((each) => each.toLowerCase() === key.toLowerCase());
  if (known !== undefined && named !== undefined)
    return [{ operator: known, key: named, values: readStrings({ [key]: values }, key, at, report) }];
  report(
    `${at}: the condition ${operator} on ${key} is not evaluated locally; use ${OPERATORS.join(' or ')} on ${KEYS.join(' or ')}`,
  );
  return [];
}

function readStrings(given: Json, name: string, at: string, report: Report): string[] {
  const values = listOf(given[name]);
  const found = values.filter((value): value is string => typeof value === 'string' && value !== '');
  if (values.length === 0 || found.length < values.length)
    report(
      `${at}: ${name} is ${JSON.stringify(given[name]) ?? 'missing'}, not a string or a list of strings`,
    );
  return found;
}

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
