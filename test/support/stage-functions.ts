/** The stages of the lifecycle by their function's name, found as the bundle finds its handlers: by the name of the file. */
import { coreFileOf } from '../../tools/explorer/programs/core-files';
import type { StageContext } from '../../src/core/world';

/** A stage of the run; a gate returns its verdict, or an object that holds it. */
export type StageFunction = (
  context: StageContext,
  constants: Readonly<Record<string, string>>,
) => Promise<unknown>;

/** @throws Error if the file is missing or does not export the function */
export async function stageFunction(name: string): Promise<StageFunction> {
  const file = coreFileOf(name);
  const stage = ((await import(file)) as Record<string, StageFunction | undefined>)[name];
  if (!stage)
    throw new Error(`${file}.ts does not export ${name}. A stage is one file that exports its function.`);
  return stage;
}
