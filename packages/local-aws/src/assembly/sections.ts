/** Checks the sections of a template. An unknown section could change the meaning of the others, so it is refused. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../aws-json';
import type { Template } from './manifest';
import { parameterProblems } from './parameters';

const READ = ['Parameters', 'Rules', 'Conditions', 'Resources', 'Outputs'];
const HARMLESS = ['AWSTemplateFormatVersion', 'Description', 'Metadata'];
const REMEDIES: Readonly<Record<string, string>> = {
  Mappings: 'give the stack an env, so that the CDK app looks the value up',
  Transform: 'define its resources in the CDK app',
};

/** The CDK's own condition. Only its metadata resource has it, which does nothing. */
export const METADATA_CONDITION = 'CDKMetadataAvailable';

/** Lists the problems of all sections except resources and outputs. */
export function sectionProblems(template: Template): string[] {
  const unknown = Object.keys(template).filter((name) => !READ.includes(name) && !HARMLESS.includes(name));
  const malformed = READ.filter((name) => template[name] !== undefined && !isRecord(template[name]));
  if (malformed.length > 0) return malformed.map((name) => `The template section ${name} is not an object.`);
  const { Parameters = {}, Rules = {}, Conditions = {} } = template;
  return [
    ...unknown.map(
      (name) => `The template section ${name} is not supported; ${REMEDIES[name] ?? 'leave it out'}.`,
    ),
    ...Object.entries(Parameters).flatMap(([name, parameter]) => parameterProblems(name, parameter)),
    ...Object.entries(Rules as object).flatMap(([name, rule]) =>
      name === 'CheckBootstrapVersion' && isBootstrapCheck(rule)
        ? []
        : [`Rule ${name}: rules are not evaluated; check the values in the CDK app.`],
    ),
    ...Object.keys(Conditions as object).flatMap((name) =>
      name === METADATA_CONDITION
        ? []
        : [`Condition ${name}: conditions are not evaluated; decide in the CDK app.`],
    ),
  ];
}

/** Whether a rule is the CDK's check of the bootstrap version, which does not apply to a local run. */
function isBootstrapCheck(rule: unknown): boolean {
  if (!isRecord(rule) || Object.keys(rule).join() !== 'Assertions') return false;
  const assertions = Array.isArray(rule['Assertions']) ? (rule['Assertions'] as unknown[]) : [];
  return assertions.every((assertion) => {
    if (!isRecord(assertion)) return false;
    const { Assert, AssertDescription, ...rest } = assertion;
    const refused = versionsIn(Assert);
    const expected = { 'Fn::Not': [{ 'Fn::Contains': [refused, { Ref: 'BootstrapVersion' }] }] };
    return (
      Object.keys(rest).length === 0 &&
      typeof AssertDescription === 'string' &&
      refused.every((version) => /^\d+$/.test(String(version))) &&
      isDeepStrictEqual(Assert, expected)
    );
  });
}

function versionsIn(assert: unknown): readonly unknown[] {
  type Shape = { readonly 'Fn::Not'?: readonly { readonly 'Fn::Contains'?: readonly unknown[] }[] };
  const versions = (assert as Shape | undefined)?.['Fn::Not']?.[0]?.['Fn::Contains']?.[0];
  return Array.isArray(versions) ? versions : [];
}
