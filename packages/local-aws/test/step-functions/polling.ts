import type { StepFunctions } from '../../src/step-functions';

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

export const typesOf = (engine: StepFunctions, executionArn: string): string[] =>
  engine.inspect(executionArn).events.map(({ type }) => type);
