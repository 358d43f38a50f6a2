import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kebabOf } from '../../../src/contract/lifecycle';

const CORE = join(__dirname, '..', '..', '..', 'src', 'core');

/** Folders of the core that hold functions which are not stages, e.g. `nextWave` in `backfill/next-wave.ts`. */
const OTHERS = ['execution', 'backfill', 'sync', 'verification'];

/** @returns the path, without its extension, of the file that exports a function of the core: a stage's if no folder has it */
export function coreFileOf(functionName: string): string {
  const name = kebabOf(functionName);
  const folder = OTHERS.find((other) => readdirSync(join(CORE, other)).includes(`${name}.ts`)) ?? 'stages';
  return join(CORE, folder, name);
}
