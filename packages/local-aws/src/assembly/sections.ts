/** The sections of a template: what is not known here changes what CloudFormation makes of the rest. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../aws-json';
import type { Template } from './manifest';
import { parameterProblems } from './parameters';

const READ = ['Parameters', 'Rules', 'Conditions', 'Resources', 'Outputs'];
const HARMLESS = ['AWSTemplateFormatVersion', 'Description', 'Metadata'];
const REMEDIES: Readonly<Record<string, string>> = {
  Mappings: 'give the stack an env, so that the CDK app looks the value up',
  Transform: 'write what it would make into the CDK app',
};

/** The CDK's own condition, on its metadata alone: there or not, they do nothing. */
export const METADATA_CONDITION = 'CDKMetadataAvailable';

/** Everything that is wrong with the sections, but for resources and outputs. */
export function sectionProblems(template: Template): string[] {
  const unknown = Object.keys(template).filter((name) => !READ.includes(name) && !HARMLESS.includes(name));
  const shapeless = READ.filter((name) => template[name] !== undefined && !isRecord(template[name]));
  if (shapeless.length > 0) return shapeless.map((name) => `The template section ${name} is not an object.`);
  const { Parameters = {}, Rules = {}, Conditions = {} } = template;
  return [
    ...unknown.map(
      (name) => `The template section ${name} is not supported; ${REMEDIES[name] ?? 'leave it out'}.`,
    ),
    ...Object.entries(Parameters).flatMap(([name, parameter]) => parameterProblems(name, parameter)),
    ...Object.entries(Rules as object).flatMap(([name, rule]) =>
      name === 'CheckBootstrapVersion' && isBootstrapCheck(rule)
        ? []
        : [`Rule ${name}: rules are not evaluated; check it in the CDK app.`],
    ),
    ...Object.keys(Conditions as object).flatMap((name) =>
      name === METADATA_CONDITION
        ? []
        : [`Condition ${name}: conditions are not evaluated; decide it in the CDK app.`],
    ),
  ];
}

/** That the version of the bootstrap stack is none of some: nothing that a rehearsal could meet. */
function isBootstrapCheck(rule: unknown): boolean {
  if (!isRecord(rule) || Object.keys(rule).join() !== 'Assertions') return false;
  const assertions = Array.isArray(rule['Assertions']) ? (rule['Assertions'] as unknown[]) : [];
  return assertions.every((assertion) => {
    if (!isRecord(assertion)) return false;
    const { Assert, AssertDescription, ...rest } = assertion;
    const refused = versionsIn(Assert);
    const asked = { 'Fn::Not': [{ 'Fn::Contains': [refused, { Ref: 'BootstrapVersion' }] }] };
    return (
      Object.keys(rest).length === 0 &&
      typeof AssertDescription === 'string' &&
      refused.every((version) => /^\d+$/.test(String(version))) &&
      isDeepStrictEqual(Assert, asked)
    );
  });
}

function versionsIn(assert: unknown): readonly unknown[] {
  type Shape = { readonly 'Fn::Not'?: readonly { readonly 'Fn::Contains'?: readonly unknown[] }[] };
  const versions = (assert as Shape | undefined)?.['Fn::Not']?.[0]?.['Fn::Contains']?.[0];
  return Array.isArray(versions) ? versions : [];
}
