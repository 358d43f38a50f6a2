/**
 * Computes the stack after a deployment: what is created, changed, kept and deleted, as CloudFormation decides.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { IamResource } from '../iam';
import { hashCode } from './code-hash';
import type { TemplateResource } from './manifest';
import type { PlanContext } from './plan-context';
import type { DeclaredResource, Leaving } from './leaving';
import { nextFunctions, nextMachines } from './next-versions';
import type { Plans } from './plans';
import type { FunctionState, Retained, StackResource, StackState } from './stack-state';
import type { TableResource } from './tables';

type Report = (problem: string) => void;

/** Types of which two resources cannot have the same name. */
const UNIQUE = [
  ...['AWS::Lambda::Function', 'AWS::Lambda::Alias', 'AWS::StepFunctions::StateMachine'],
  ...['AWS::StepFunctions::StateMachineAlias', 'AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
  ...['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::Events::Rule', 'AWS::SQS::Queue'],
  ...['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::Logs::LogGroup'],
];
/** Types that the engine cannot keep outside of the stack. */
const NOT_RETAINABLE = [
  ...['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::Events::Rule', 'AWS::SQS::Queue'],
];

/** @param report receives a problem for everything that CloudFormation would refuse, or the engine cannot do */
export function nextState(
  context: PlanContext,
  plans: Plans,
  declared: readonly DeclaredResource[],
  report: Report,
): StackState {
  const { deployed, stack } = context;
  const leaving = leavingResources(context, declared, report);
  conflictProblems(context, declared).forEach(report);
  const base = retainedFunctions(context, leaving, report);
  const functions = nextFunctions(context, plans.functions, base, leaving);
  const machines = nextMachines(context, plans.machines, leaving);
  const resources = declared.map(({ logicalId, ...resource }): [string, StackResource] => [
    logicalId,
    { ...resource, whenRemoved: policyOf(stack.template.Resources?.[logicalId], 'DeletionPolicy') },
  ]);
  return {
    stackName: stack.stackName,
    resources: Object.fromEntries(resources),
    functions: functions.states,
    stateMachines: machines.states,
    retained: nextRetained(deployed.retained, leaving),
    lastVersions: { functions: functions.lastVersions, stateMachines: machines.lastVersions },
  };
}

function policyOf(
  resource: TemplateResource | undefined,
  attribute: 'DeletionPolicy' | 'UpdateReplacePolicy',
): StackResource['whenRemoved'] {
  return /^Retain/.test(String((resource as Record<string, unknown> | undefined)?.[attribute]))
    ? 'retain'
    : 'delete';
}

/** A removed resource has the policy with which it was deployed; a replaced one, that of the new template. */
function leavingResources(
  { deployed, stack }: PlanContext,
  declared: readonly DeclaredResource[],
  report: Report,
): Leaving[] {
  return Object.entries(deployed.resources).flatMap(([logicalId, before]): Leaving[] => {
    const now = declared.find((each) => each.logicalId === logicalId);
    const template = stack.template.Resources?.[logicalId];
    // A resource with problems is neither removed nor replaced.
    if (now === undefined && template !== undefined && template.Type === before.type) return [];
    if (now?.type === before.type && now.name === before.name) return [];
    if (template !== undefined && template.Type !== before.type)
      report(
        `${logicalId} (${template.Type}): CloudFormation cannot change the type of a resource, which is ${before.type}; give it another logical id`,
      );
    const replaced = now !== undefined && policyOf(template, 'UpdateReplacePolicy') === 'retain';
    const retained = now === undefined ? before.whenRemoved === 'retain' : replaced;
    if (retained && NOT_RETAINABLE.includes(before.type))
      report(
        `${logicalId} (${before.type}): the engine cannot keep it outside of the stack; deploy it with the DeletionPolicy and UpdateReplacePolicy Delete first`,
      );
    return [{ ...before, logicalId, retained }];
  });
}

/** CloudFormation creates before it deletes, so a name is in use until the deployment has ended. */
function conflictProblems({ deployed, stack }: PlanContext, declared: readonly DeclaredResource[]): string[] {
  const kept = deployed.retained.resources;
  return declared.flatMap(({ logicalId, type, name }) => {
    const before = deployed.resources[logicalId];
    if (!UNIQUE.includes(type) || (before?.type === type && before.name === name)) return [];
    const generated = `${stack.stackName}-${logicalId}`.endsWith(name);
    if (generated && type === 'AWS::Logs::LogGroup') return [];
    const isSame = (other: { readonly type: string; readonly name: string }): boolean =>
      other.type === type && other.name === name;
    const owner = Object.entries(deployed.resources).find(([, other]) => isSame(other))?.[0];
    const problem = (why: string): string[] => [`${logicalId} (${type}): ${name} already exists: ${why}`];
    if (owner !== undefined)
      return problem(
        `it is ${owner} of the deployed stack, which is deleted only afterwards. Choose another name`,
      );
    if (!kept.some(isSame)) return [];
    return problem(
      generated
        ? 'it was retained by an earlier deployment, and the engine derives its name from the logical id. Choose another logical id'
        : 'it was retained by an earlier deployment. Choose another name, or start with a new state directory',
    );
  });
}

function nextRetained(before: Retained, leaving: readonly Leaving[]): Retained {
  const kept = leaving.filter(({ retained }) => retained);
  const definitions = kept.flatMap(({ type, definition }) =>
    definition === undefined ? [] : [{ type, definition }],
  );
  const isTable = ({ type }: { readonly type: string }): boolean => type.startsWith('AWS::DynamoDB::');
  return {
    resources: [...before.resources, ...kept.map(({ type, name }) => ({ type, name }))],
    iam: [
      ...before.iam,
      ...definitions.filter((each) => !isTable(each)).map(({ definition }) => definition as IamResource),
    ],
    tables: [
      ...before.tables,
      ...definitions.filter(isTable).map(({ definition }) => definition as TableResource),
    ],
  };
}

/** Returns the deployed functions without the deleted ones. The code of a retained one is copied, because its assembly may go. */
function retainedFunctions(
  { deployed, codeDirectory }: PlanContext,
  leaving: readonly Leaving[],
  report: Report,
): Readonly<Record<string, FunctionState>> {
  const ofFunctions = leaving.filter(({ type }) => type === 'AWS::Lambda::Function');
  return Object.fromEntries(
    Object.entries(deployed.functions).flatMap(([name, state]): [string, FunctionState][] => {
      const leaves = ofFunctions.find((each) => each.name === name);
      if (leaves === undefined) return [[name, state]];
      if (!leaves.retained) return [];
      const { latest } = state;
      if (!existsSync(latest.codeDirectory)) {
        report(
          `${leaves.logicalId} (${leaves.type}): it is retained, but ${latest.codeDirectory} is gone; restore it`,
        );
        return [];
      }
      const directory = join(codeDirectory, hashCode(latest.codeDirectory));
      return [[name, { ...state, latest: { ...latest, codeDirectory: directory } }]];
    }),
  );
}
