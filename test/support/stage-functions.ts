/** The stages of the lifecycle by their function's name, found as the bundle finds its handlers: by the name of the file. */
import { join } from 'node:path';
import { kebabOf } from '../../src/contract/lifecycle';
import type { StageContext } from '../../src/core/stages/world';

/** A stage of the run; a gate returns its verdict, or an object that holds it. */
export type StageFunction = (
  context: StageContext,
  constants: Readonly<Record<string, string>>,
) => Promise<unknown>;

const STAGES = join(__dirname, '..', '..', 'src', 'core', 'stages');

/** @throws Error if the file is missing or does not export the function */
export async function stageFunction(name: string): Promise<StageFunction> {
  const file = join(STAGES, kebabOf(name));
  const stage = ((await import(file)) as Record<string, StageFunction | undefined>)[name];
  if (!stage)
    throw new Error(`${file}.ts does not export ${name}. A stage is one file that exports its function.`);
  return stage;
}
