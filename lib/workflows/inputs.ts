/** Payloads of functions and machines, read from the state. The contract's payloads document their meaning. */
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { InputKind, Invoking, Start } from '../../src/contract/lifecycle';
import { RowRefused } from './row-refused';

type Template = Record<string, unknown>;

const text = (...names: string[]): Template =>
  Object.fromEntries(names.map((name) => [name, JsonPath.stringAt(`$.${name}`)]));
const number = (...names: string[]): Template =>
  Object.fromEntries(names.map((name) => [name, JsonPath.numberAt(`$.${name}`)]));
const execution = (): Template => ({ execution: JsonPath.stringAt(JsonPath.executionId) });

const INPUTS: Readonly<Record<InputKind, () => Template>> = {
  claim: () => ({ ...text('migration'), ...execution() }),
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
  round: () => ({
    ...text('migration'),
    ...number('generation'),
    ...text('direction'),
    ...execution(),
    ...text('startedBy'),
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
  abort: () => ({ ...text('migration', 'reason'), ...execution() }),
};

/** Inputs that carry the count of history events. A gate adds its own events, so it needs its retry count. */
const COUNTED: readonly InputKind[] = ['run', 'round'];

export const inputOf = ({ kind, function: { input }, constants }: Invoking): Template => ({
  ...INPUTS[input](),
  ...(kind === 'gate' && COUNTED.includes(input)
    ? { retries: JsonPath.numberAt(JsonPath.stateRetryCount) }
    : {}),
  ...constants,
});

/** @throws RowRefused for a machine that only an operator starts */
export function startInputOf(step: Start): Template {
  if (step.machine !== 'Sync') throw new RowRefused(step, `only an operator starts ${step.machine}.`);
  return {
    ...text('migration'),
    ...number('generation'),
    ...text('direction'),
    startedBy: JsonPath.stringAt(JsonPath.executionId),
    events: 0,
  };
}
