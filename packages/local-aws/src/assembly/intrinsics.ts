/** Resolves CloudFormation's intrinsic functions. An unsupported function is an error. */
import { identityOf, physicalName, type Scope } from './identifiers';
import type { Template } from './manifest';
import { parameterValue } from './parameters';

export type Resolve = (value: unknown) => unknown;

/** Names and attributes that a deployment assigns, such as version numbers. */
export interface Assigned {
  /** @returns undefined if the name of the resource does not depend on the deployment */
  nameOf(logicalId: string, type: string): string | undefined;
  /** @returns undefined if the attribute does not depend on the deployment */
  attributeOf(logicalId: string, type: string, attribute: string): string | undefined;
}

const NOTHING_ASSIGNED: Assigned = { nameOf: () => undefined, attributeOf: () => undefined };

/** @returns a function that throws an Error with the call that it cannot resolve */
export function resolverOf(template: Template, scope: Scope, assigned: Assigned = NOTHING_ASSIGNED): Resolve {
  const resolve: Resolve = (value) => {
    if (typeof value === 'string') return refuseDynamicReference(value);
    if (value === null) throw new Error('null is not allowed in a template; leave the member out');
    if (Array.isArray(value)) return value.map(resolve).filter((entry) => entry !== undefined);
    if (typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const called = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::'));
    if (called !== undefined) {
      if (entries.length > 1)
        throw unresolved(called[0], value, 'a function must be the only member of its object');
      return withoutDynamicReference(call(...called));
    }
    const resolved = entries.map(([key, entry]) => [key, resolve(entry)] as const);
    return Object.fromEntries(resolved.filter(([, entry]) => entry !== undefined));
  };

  const call = (name: string, argument: unknown): unknown => {
    switch (name) {
      case 'Ref':
        return reference(text(argument, name));
      case 'Fn::GetAtt': {
        const path = Array.isArray(argument) ? argument : text(argument, name).split('.');
        return attribute(text(path[0], name), text(resolve(path.slice(1).join('.')), name));
      }
      case 'Fn::Join': {
        const [separator, parts] = pair(argument, name);
        return list(resolve(parts), name)
          .map((part) => text(part, name))
          .join(text(separator, name));
      }
      case 'Fn::Split': {
        const [separator, whole] = pair(argument, name);
        return text(resolve(whole), name).split(text(separator, name));
      }
      case 'Fn::Select': {
        const [index, choices] = pair(argument, name);
        const at = text(resolve(index), name);
        const chosen = /^\d+$/.test(at) ? list(resolve(choices), name)[Number(at)] : undefined;
        if (chosen === undefined) throw unresolved(name, argument, 'the list has no such entry');
        return chosen;
      }
      case 'Fn::Sub':
        return substitute(argument);
      default:
        throw unresolved(name, argument, 'the local engine does not support this function');
    }
  };

  const reference = (id: string): unknown => {
    if (id.startsWith('AWS::')) return pseudoParameter(id, scope);
    const parameters = template.Parameters ?? {};
    if (Object.hasOwn(parameters, id)) {
      try {
        return parameterValue(id, parameters[id]);
      } catch (error) {
        throw unresolved('Ref', id, (error as Error).message);
      }
    }
    const { name, identity } = resourceNamed(id, 'Ref');
    return identity.ref(name, scope);
  };

  const attribute = (id: string, attributeName: string): string => {
    const { name, identity, type } = resourceNamed(id, 'Fn::GetAtt');
    const assignedValue = assigned.attributeOf(id, type, attributeName);
    if (assignedValue !== undefined) return assignedValue;
    const value = identity.attributes?.[attributeName];
    if (value === undefined) {
      throw unresolved('Fn::GetAtt', [id, attributeName], 'the local engine does not support this attribute');
    }
    return value(name, scope);
  };

  const resourceNamed = (id: string, called: string) => {
    const resource = template.Resources?.[id];
    const identity = resource === undefined ? undefined : identityOf(resource.Type);
    if (resource === undefined) throw unresolved(called, id, 'the template has no such resource');
    if (identity === undefined)
      throw unresolved(called, id, `the local engine does not support ${resource.Type}`);
    const { Type: type } = resource;
    const name = assigned.nameOf(id, type) ?? physicalName(id, resource, scope, resolve);
    return { name, identity, type };
  };

  const substitute = (argument: unknown): string => {
    const [pattern, variables] = Array.isArray(argument) ? pair(argument, 'Fn::Sub') : [argument, {}];
    const given = resolve(variables) as Readonly<Record<string, unknown>>;
    return text(pattern, 'Fn::Sub').replace(/\$\{(!?)([^}]*)\}/g, (_match, escaped: string, key: string) => {
      if (escaped !== '') return `\${${key}}`;
      if (Object.hasOwn(given, key)) return text(given[key], 'Fn::Sub');
      const [id = '', ...path] = key.split('.');
      return path.length === 0 ? text(reference(id), 'Fn::Sub') : attribute(id, path.join('.'));
    });
  };

  return resolve;
}

function pseudoParameter(name: string, scope: Scope): unknown {
  switch (name) {
    case 'AWS::Partition':
      return scope.partition;
    case 'AWS::Region':
      return scope.region;
    case 'AWS::AccountId':
      return scope.account;
    case 'AWS::URLSuffix':
      return scope.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::StackId':
      return `arn:${scope.partition}:cloudformation:${scope.region}:${scope.account}:stack/${scope.stackName}/local`;
    case 'AWS::NoValue':
      return undefined;
    default:
      throw unresolved('Ref', name, 'the local engine does not support this pseudo parameter');
  }
}

/** CloudFormation would read these from Secrets Manager or Parameter Store, which the engine does not have. */
function refuseDynamicReference(value: string): string {
  if (value.includes('{{resolve:'))
    throw unresolved(
      'dynamic reference',
      value,
      'secrets and parameters are not read; put the value into the CDK app',
    );
  return value;
}

/** Checks the result of a function, whose parts may contain no reference each. */
function withoutDynamicReference(value: unknown): unknown {
  if (typeof value === 'string') return refuseDynamicReference(value);
  return Array.isArray(value) ? value.map(withoutDynamicReference) : value;
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unresolved(name, value, 'a string was expected');
}

function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unresolved(name, value, 'a list was expected');
}

function pair(value: unknown, name: string): readonly [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return [value[0], value[1]];
  throw unresolved(name, value, 'two arguments were expected');
}

function unresolved(name: string, argument: unknown, why: string): Error {
  return new Error(`${name} ${JSON.stringify(argument)} cannot be resolved: ${why}.`);
}
