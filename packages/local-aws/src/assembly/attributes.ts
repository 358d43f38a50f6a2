/** Checks the attributes of a resource in a template: everything next to its properties. */
import { isRecord, oneOf, text } from '../aws-json';
import type { TemplateResource } from './manifest';
import { METADATA_CONDITION } from './sections';
import { anything, closed, object, refused } from './shapes';

/** Read by `next-state.ts`. `Snapshot` is for other resource types. */
const POLICY = oneOf('Delete', 'Retain', 'RetainExceptOnCreate');
const RESOURCE = closed(
  { Type: text },
  {
    ...{ Properties: object, Metadata: anything, DependsOn: anything },
    ...{ DeletionPolicy: POLICY, UpdateReplacePolicy: POLICY },
    Condition: refused('conditions are not evaluated; decide in the CDK app'),
  },
);

/** @param resources all resources of the template, by logical id */
export function attributeProblems(
  logicalId: string,
  resources: Readonly<Record<string, TemplateResource>>,
): string[] {
  const resource: unknown = resources[logicalId];
  const problems: string[] = [];
  RESOURCE.check(withoutMetadataCondition(resource), '', problems);
  if (!/^[A-Za-z0-9]{1,255}$/.test(logicalId))
    problems.push('its logical id must consist of 1 to 255 letters and digits');
  return [...problems, ...dependencyProblems(logicalId, resource, resources)];
}

function withoutMetadataCondition(resource: unknown): unknown {
  if (!isRecord(resource) || resource['Type'] !== 'AWS::CDK::Metadata') return resource;
  const { Condition, ...rest } = resource;
  return Condition === METADATA_CONDITION ? rest : resource;
}

function dependencyProblems(logicalId: string, resource: unknown, resources: object): string[] {
  const given = isRecord(resource) ? (resource['DependsOn'] ?? []) : [];
  const targets: unknown[] = Array.isArray(given) ? given : [given];
  return targets.flatMap((target) =>
    typeof target === 'string' && target !== logicalId && Object.hasOwn(resources, target)
      ? []
      : [`DependsOn names ${JSON.stringify(target)}, which is not another resource of the template`],
  );
}
