/** Computes the functions and state machines after a deployment, with their versions and aliases. */
import type { FunctionPlan } from './function-plan';
import type { MachinePlan } from './machine-plan';
import type { Leaving } from './leaving';
import { orNone, type PlanContext } from './plan-context';
import type { MachineAlias, MachineState } from '../step-functions';
import type { FunctionState } from './stack-state';

interface Next<State> {
  readonly states: Readonly<Record<string, State>>;
  readonly lastVersions: Readonly<Record<string, number>>;
}

interface Aliased {
  readonly versions: Readonly<Record<string, unknown>>;
  readonly aliases: Readonly<Record<string, { readonly version: string }>>;
}

/** @param before the functions that remain, with the versions and aliases that they have now */
export function nextFunctions(
  { deployed, idsOf }: PlanContext,
  plan: FunctionPlan,
  before: Readonly<Record<string, FunctionState>>,
  leaving: readonly Leaving[],
): Next<FunctionState> {
  const states: Record<string, FunctionState> = { ...before };
  for (const latest of idsOf('AWS::Lambda::Function').flatMap((id) => orNone(() => plan.functionOf(id)))) {
    const { versions = {}, aliases = {} } = states[latest.name] ?? {};
    states[latest.name] = { latest, versions, aliases };
  }
  const published = idsOf('AWS::Lambda::Version').flatMap((id) => orNone(() => plan.version(id)));
  for (const { functionName, number, version } of published) {
    const state = states[functionName];
    if (state !== undefined)
      states[functionName] = { ...state, versions: { ...state.versions, [number]: version } };
  }
  for (const { functionName, name, alias } of idsOf('AWS::Lambda::Alias').flatMap((id) =>
    orNone(() => plan.alias(id)),
  )) {
    const state = states[functionName];
    if (state !== undefined)
      states[functionName] = { ...state, aliases: { ...state.aliases, [name]: alias } };
  }
  const numbers = published.map(({ functionName, number }) => ({ name: functionName, number }));
  return {
    states: withoutDeleted(states, leaving, 'AWS::Lambda::Alias', 'AWS::Lambda::Version'),
    lastVersions: withNumbers(deployed.lastVersions.functions, numbers),
  };
}

export function nextMachines(
  context: PlanContext,
  plan: MachinePlan,
  leaving: readonly Leaving[],
): Next<MachineState> {
  const { deployed, idsOf, nowMs } = context;
  const gone = leaving.filter(({ type, retained }) => type.endsWith('::StateMachine') && !retained);
  const states: Record<string, MachineState> = Object.fromEntries(
    Object.entries(deployed.stateMachines).filter(([name]) => !gone.some((each) => each.name === name)),
  );
  for (const { resource, revision } of idsOf('AWS::StepFunctions::StateMachine').flatMap((id) =>
    orNone(() => plan.machine(id)),
  )) {
    const { logicalId, name, arn } = resource;
    const { versions = {}, aliases = {}, creationMs = nowMs() } = states[name] ?? {};
    states[name] = { logicalId, name, arn, creationMs, latest: revision, versions, aliases };
  }
  const published = idsOf('AWS::StepFunctions::StateMachineVersion').flatMap((id) =>
    orNone(() => plan.version(id)),
  );
  for (const { machineName, number, version } of published) {
    const state = states[machineName];
    if (state !== undefined)
      states[machineName] = { ...state, versions: { ...state.versions, [number]: version } };
  }
  for (const { machineName, name, ...alias } of idsOf('AWS::StepFunctions::StateMachineAlias').flatMap((id) =>
    orNone(() => plan.alias(id)),
  )) {
    const state = states[machineName];
    if (state === undefined) continue;
    const known = state.aliases[name];
    const changed = known?.version !== alias.version || known.description !== alias.description;
    const put: MachineAlias = {
      ...alias,
      creationMs: known?.creationMs ?? nowMs(),
      updateMs: changed ? nowMs() : known.updateMs,
    };
    states[machineName] = { ...state, aliases: { ...state.aliases, [name]: put } };
  }
  const numbers = published.map(({ machineName, number }) => ({ name: machineName, number }));
  return {
    states: withoutDeleted(
      states,
      leaving,
      'AWS::StepFunctions::StateMachineAlias',
      'AWS::StepFunctions::StateMachineVersion',
    ),
    lastVersions: withNumbers(deployed.lastVersions.stateMachines, numbers),
  };
}

/**
 * Removes the aliases, then the versions that the deployment deletes. A version that an alias still refers to remains,
 * because its service refuses to delete it; CloudFormation ignores that at the end of an update.
 */
function withoutDeleted<State extends Aliased>(
  states: Readonly<Record<string, State>>,
  leaving: readonly Leaving[],
  aliasType: string,
  versionType: string,
): Readonly<Record<string, State>> {
  const deleted = leaving.filter(({ retained }) => !retained);
  const isDeleted = (type: string, name: string): boolean =>
    deleted.some((each) => each.type === type && each.name === name);
  const next = Object.entries(states).map(([name, state]): [string, State] => {
    const aliases = Object.entries(state.aliases).filter(
      ([alias]) => !isDeleted(aliasType, `${name}:${alias}`),
    );
    const inUse = aliases.map(([, { version }]) => version);
    const versions = Object.entries(state.versions).filter(
      ([number]) => inUse.includes(number) || !isDeleted(versionType, `${name}:${number}`),
    );
    return [name, { ...state, aliases: Object.fromEntries(aliases), versions: Object.fromEntries(versions) }];
  });
  return Object.fromEntries(next);
}

function withNumbers(
  before: Readonly<Record<string, number>>,
  published: readonly { readonly name: string; readonly number: string }[],
): Record<string, number> {
  const next: Record<string, number> = { ...before };
  for (const { name, number } of published) next[name] = Math.max(next[name] ?? 0, Number(number));
  return next;
}
