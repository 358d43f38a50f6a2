/** Gives the plans of functions and state machines the template and the resources deployed before. */
import { identityOf, type Scope } from './identifiers';
import type { StackFiles } from './manifest';
import type { StackState } from './stack-state';

export interface PlanContext {
  readonly stack: StackFiles;
  readonly scope: Scope;
  readonly deployed: StackState;
  /** Holds a copy of the code of each published version, in a directory named by its hash. */
  readonly codeDirectory: string;
  readonly nowMs: () => number;
  readonly newUuid: () => string;
  /** Physical name of a resource. */
  readonly nameOf: (logicalId: string) => string;
  /** Resolved properties. @throws Error with every property that cannot be resolved */
  readonly propertiesOf: (logicalId: string) => Readonly<Record<string, unknown>>;
  /** Logical ids of the resources of a type. */
  readonly idsOf: (type: string) => string[];
}

export interface ResourceIdentity {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

/** The name and ARN of a resource whose type has the attribute Arn. */
export function identityOfResource(
  { stack, nameOf }: PlanContext,
  logicalId: string,
  scope: Scope,
): ResourceIdentity {
  const name = nameOf(logicalId);
  const { Type: type } = stack.template.Resources![logicalId]!;
  return { logicalId, name, arn: identityOf(type)?.attributes?.['Arn']?.(name, scope) ?? name };
}

/** Leaves out what cannot be planned: the problems of a resource are reported where the resource is read. */
export function orNone<T>(plan: () => T): T[] {
  try {
    return [plan()];
  } catch {
    return [];
  }
}
