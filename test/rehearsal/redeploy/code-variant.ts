/** The project with other code: what is deployed differs from this project, and so does its code version. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../../../src/rehearsal/rehearse';
import { synthesize } from '../../../src/rehearsal/rehearse/synthesize';

const PROJECT_ROOT = join(__dirname, '..', '..', '..');
const COPIED = ['bin', 'lib', 'lambdas', 'src', 'migrations', 'cdk.json', 'package.json', 'tsconfig.json'];
const LINKED = ['node_modules', 'packages'];

/** Replaces text in a file of the project. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Every function logs the name of the code that it runs. */
export const signedBy = (name: string): Edit => ({
  file: 'lambdas/handler.ts',
  from: 'logger.appendKeys({ migration, stage: name });',
  to: `logger.appendKeys({ migration, stage: name, code: '${name}' });`,
});

/** Sync renews itself after each round, and a round lasts 5 seconds instead of 13 minutes. */
export const HASTY_SYNC: readonly Edit[] = [
  { file: 'src/contract/lifecycle/sync.ts', from: 'eventBudget: 15_000', to: 'eventBudget: 20' },
  {
    file: 'lambdas/apply-changes.ts',
    from: 'applyItem(world, item, remainingMs,',
    to: 'applyItem(world, item, () => remainingMs() - 775_000,',
  },
];

/** Copies the project, edits the copy, and synthesizes its app. */
export async function synthesizeVariant(
  project: string,
  assembly: string,
  edits: readonly Edit[],
): Promise<void> {
  mkdirSync(project, { recursive: true });
  for (const name of COPIED) cpSync(join(PROJECT_ROOT, name), join(project, name), { recursive: true });
  for (const name of LINKED) symlinkSync(join(PROJECT_ROOT, name), join(project, name));
  for (const { file, from, to } of edits) {
    const path = join(project, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not contain the text once: ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  const signal = new AbortController().signal;
  await synthesize({ projectRoot: project, environment: ENVIRONMENT, directory: assembly, signal });
}
