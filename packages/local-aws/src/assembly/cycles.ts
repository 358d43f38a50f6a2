/** Finds resources that depend on each other in a cycle; CloudFormation refuses such a template. */
import { isRecord } from '../aws-json';
import type { TemplateResource } from './manifest';

type ResourcesById = Readonly<Record<string, TemplateResource>>;

/** Reports each cycle once, in the words of CloudFormation. */
export function cycleProblems(resources: ResourcesById): string[] {
  const dependencies = new Map(
    Object.entries(resources).map(([id, resource]) => [id, dependenciesOf(id, resource)]),
  );
  const done = new Set<string>();
  const problems: string[] = [];
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id))
      return void problems.push(
        `Circular dependency between resources: [${path.slice(path.indexOf(id)).join(', ')}]; each depends on the next (Ref, Fn::GetAtt, Fn::Sub, DependsOn), and the last on the first. Remove one of these references.`,
      );
    if (done.has(id)) return;
    for (const other of dependencies.get(id) ?? []) if (dependencies.has(other)) visit(other, [...path, id]);
    done.add(id);
  };
  for (const id of dependencies.keys()) visit(id, []);
  return problems;
}

function dependenciesOf(id: string, resource: unknown): ReadonlySet<string> {
  const { DependsOn: named = [], Properties } = isRecord(resource) ? resource : {};
  // attributes.ts reports a DependsOn that names its own resource.
  const found = new Set([named].flat().filter((each) => typeof each === 'string' && each !== id));
  collect(Properties, found);
  return found as ReadonlySet<string>;
}

function collect(value: unknown, found: Set<unknown>): void {
  if (Array.isArray(value)) return value.forEach((entry) => collect(entry, found));
  if (!isRecord(value)) return;
  for (const [name, argument] of Object.entries(value)) {
    collect(argument, found);
    const [first, variables] = [argument].flat() as [unknown, unknown?];
    if (name === 'Ref') found.add(first);
    if (name === 'Fn::GetAtt') found.add(String(first).split('.')[0]);
    if (name === 'Fn::Sub')
      for (const [, key = ''] of String(first).matchAll(/\$\{([^!}][^}]*)\}/g))
        if (!isRecord(variables) || !Object.hasOwn(variables, key)) found.add(key.split('.')[0]);
  }
}
