import { functionArn, single, type Lambda } from '../../src/testing/step-functions';

export const work = {
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: functionArn('work'), End: true } },
};
export const distributedWork = {
  ...work,
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
};
export const inline = (fields: object = {}): object =>
  single({ Type: 'Map', ItemProcessor: work, ...fields });
export const distributed = (fields: object = {}): object =>
  single({ Type: 'Map', ItemProcessor: distributedWork, Label: 'Each', ...fields });
export const range = (count: number): number[] => Array.from({ length: count }, (_item, index) => index);

/** A function that lasts, and tells how many of it ran at once. */
export function slowWork(engineClockMs = 10): { work: Lambda; most: () => number; calls: unknown[] } {
  const calls: unknown[] = [];
  let now = 0;
  let most = 0;
  return {
    calls,
    most: () => most,
    work: async (payload) => {
      calls.push(payload);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, engineClockMs));
      now -= 1;
      return payload;
    },
  };
}
