import { functionArn, singleState, type Lambda } from '../../src/testing/step-functions';

export const work = {
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: functionArn('work'), End: true } },
};
export const distributedWork = {
  ...work,
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
};
export const inline = (fields: object = {}): object =>
  singleState({ Type: 'Map', ItemProcessor: work, ...fields });
export const distributed = (fields: object = {}): object =>
  singleState({ Type: 'Map', ItemProcessor: distributedWork, Label: 'Each', ...fields });
export const range = (count: number): number[] => Array.from({ length: count }, (_item, index) => index);

/** Returns a function that takes a while, and the maximum number of concurrent calls. */
export function slowWork(durationMs = 10): { work: Lambda; maxConcurrent: () => number; calls: unknown[] } {
  const calls: unknown[] = [];
  let now = 0;
  let maxConcurrent = 0;
  return {
    calls,
    maxConcurrent: () => maxConcurrent,
    work: async (payload) => {
      calls.push(payload);
      maxConcurrent = Math.max(maxConcurrent, ++now);
      await new Promise((resolve) => setTimeout(resolve, durationMs));
      now -= 1;
      return payload;
    },
  };
}
