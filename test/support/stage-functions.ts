/** The stages of the lifecycle by their function's name, found as the bundle finds its handlers: by the name of the file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kebabOf } from '../../src/contract/lifecycle';
import type { StageContext } from '../../src/core/stages/world';

/** A stage of the run; a gate answers its verdict, or an object that holds it. */
export type StageFunction = (
  context: StageContext,
  constants: Readonly<Record<string, string>>,
) => Promise<unknown>;

const STAGES = join(__dirname, '..', '..', 'src', 'core', 'stages');

export function stageFunction(name: string): StageFunction {
  const file = join(STAGES, `${kebabOf(name)}.ts`);
  if (!existsSync(file)) throw new Error(`${file} is not there: a stage is one file that exports ${name}`);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a file that is named by the table
  const stage = (require(file) as Record<string, StageFunction | undefined>)[name];
  if (!stage) throw new Error(`${file} does not export ${name}`);
  return stage;
}
