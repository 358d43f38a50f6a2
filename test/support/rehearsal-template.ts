/**
 * The parts common to all rehearsals, for `--template`: the first test creates them, and all tests of one run use them.
 *
 * ```ts
 * const words = ['rehearse', '--rows', '300', '--template', await rehearsalTemplate()];
 * ```
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENVIRONMENT } from '../../src/rehearsal/rehearse';
import { synthesize } from '../../src/rehearsal/rehearse/synthesize';
import { assemblyOf, createTemplate } from '../../src/rehearsal/rehearse/template';
import { runDirectory } from 'local-aws/testing';

const PROJECT_ROOT = join(__dirname, '..', '..');

export async function rehearsalTemplate(): Promise<string> {
  const template = join(runDirectory(), 'template');
  const lock = join(runDirectory(), 'lock');
  for (;;) {
    if (existsSync(template)) return template;
    if (taken(lock)) await sleep(100);
    else await make(template, `${template}.draft`).finally(() => rmSync(lock, { recursive: true }));
  }
}

/** Whether another worker makes it now. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return false;
  } catch {
    return true;
  }
}

async function make(template: string, draft: string): Promise<void> {
  if (existsSync(template)) return;
  await createTemplate(draft);
  const directory = assemblyOf(draft);
  const signal = new AbortController().signal;
  await synthesize({ projectRoot: PROJECT_ROOT, environment: ENVIRONMENT, directory, signal });
  renameSync(draft, template);
}
