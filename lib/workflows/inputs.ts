/** Payloads of functions and machines, read from the state. The contract's payloads document their meaning. */
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { InputKind, Invoking, Start } from '../../src/contract/lifecycle';
import type { Parts, Started } from './parts';
import { RowRefused } from './row-refused';

type Template = Record<string, unknown>;

const text = (...names: string[]): Template =>
  Object.fromEntries(names.map((name) => [name, JsonPath.stringAt(`$.${name}`)]));
const number = (...names: string[]): Template =>
  Object.fromEntries(names.map((name) => [name, JsonPath.numberAt(`$.${name}`)]));
const execution = (): Template => ({ execution: JsonPath.stringAt(JsonPath.executionId) });

const INPUTS: Readonly<Record<InputKind, (parts: Parts) => Template>> = {
  claim: ({ code, machine }) => ({
    ...text('migration'),
    ...execution(),
    startedAt: JsonPath.stringAt('$$.Execution.StartTime'),
    ...{ code, syncMachine: machine('Sync').versionArn },
    continueWith: JsonPath.stringAt('$.code'),
  }),
  run: () => ({
    ...text('migration'),
    ...number('generation'),
    ...text('execution', 'shape', 'direction'),
    ...number('events'),
  }),
  chunk: () => ({
    ...text('migration'),
    ...number('generation'),
    ...text('direction', 'table'),
    ...number('chunk'),
  }),
  round: ({ code }) => ({
    ...text('migration'),
    ...number('generation'),
    ...text('direction'),
    ...execution(),
    ...text('startedBy', 'syncMachine'),
    ...{ code },
    ...number('events'),
  }),
  applier: () => ({
    ...text('migration'),
    ...number('generation'),
    ...text('direction', 'execution'),
    ...number('applier', 'appliers'),
  }),
  // The error has replaced the state; the execution's context still holds the original input.
  failure: () => ({
    migration: JsonPath.stringAt('$$.Execution.Input.migration'),
    ...execution(),
    failure: { Error: JsonPath.stringAt('$.Error'), Cause: JsonPath.stringAt('$.Cause') },
  }),
  abort: () => ({
    ...text('migration'),
    ...number('generation'),
    ...text('reason', 'runStartedAt'),
    ...execution(),
  }),
};

/** Inputs that carry the count of history events. A gate adds its own events, so it needs its retry count. */
const COUNTED: readonly InputKind[] = ['run', 'round'];

export const inputOf = ({ kind, function: { input }, constants }: Invoking, parts: Parts): Template => ({
  ...INPUTS[input](parts),
  ...(kind === 'gate' && COUNTED.includes(input)
    ? { retries: JsonPath.numberAt(JsonPath.stateRetryCount) }
    : {}),
  ...constants,
});

/** @throws RowRefused for a machine that only an operator starts */
export function startInputOf(step: Start, { versionArn }: Started): Template {
  if (step.machine !== 'Sync') throw new RowRefused(step, `only an operator starts ${step.machine}.`);
  return {
    ...text('migration'),
    ...number('generation'),
    ...text('direction'),
    startedBy: JsonPath.stringAt(JsonPath.executionId),
    // A version cannot contain its own ARN, so that the execution renews itself with the one in its input.
    syncMachine: versionArn,
    events: 0,
  };
}
