/** A rehearsal with an application that writes, during which two codes are deployed in turns. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operator as DeployedOperator } from '../../../src/cli/operator';
import { portsOf } from '../../../src/cli/rehearsal-flags';
import type { Terminal } from '../../../src/cli/terminal';
import { rehearse, type OpenRehearsal, type RehearsalResult } from '../../../src/rehearsal/rehearse';
import { createTemplate } from '../../../src/rehearsal/rehearse/template';
import { HASTY_SYNC, signedBy, synthesizeVariant } from './code-variant';
import { executedCodeIn, startedVersionsIn, type ExecutedCode } from './executed-code';
import { Redeployer, type RedeployerOptions } from './redeployer';

const PROJECT_ROOT = join(__dirname, '..', '..', '..');

/** Two codes, of which the first is deployed first. */
export interface Codes {
  readonly template: string;
  readonly assemblies: readonly [string, string];
  remove(): void;
}

export async function twoCodes(): Promise<Codes> {
  const home = publicDirectory('sluice-redeploy-codes-');
  const template = join(home, 'template');
  await createTemplate(template);
  const assemblies = [join(template, 'cdk.out'), join(home, 'new.out')] as const;
  await synthesizeVariant(join(home, 'old'), assemblies[0], [signedBy('old'), ...HASTY_SYNC]);
  await synthesizeVariant(join(home, 'new'), assemblies[1], [signedBy('new'), ...HASTY_SYNC]);
  return { template, assemblies, remove: () => rmSync(home, { recursive: true, force: true }) };
}

export interface RedeployedRehearsal {
  readonly result: RehearsalResult;
  readonly redeployer: Redeployer;
  readonly executed: readonly ExecutedCode[];
  /** Versions of functions that ran, as the engine numbers them. */
  readonly startedVersions: ReadonlySet<string>;
}

export interface Plan {
  readonly migration: string;
  readonly rows: number;
  readonly seed: number;
}

export async function rehearseRedeploys(
  { template, assemblies }: Codes,
  plan: Plan,
  next: RedeployerOptions['next'],
): Promise<RedeployedRehearsal> {
  const statePath = publicDirectory('sluice-redeploy-state-');
  const ports = portsOf(TERMINAL);
  let opened: OpenRehearsal | undefined;
  let redeployer: Redeployer | undefined;
  try {
    const result = await rehearse(
      {
        ...{ projectRoot: PROJECT_ROOT, statePath, templatePath: template, plan, resume: false, keep: false },
        onOpen: (rehearsal) => (opened = rehearsal),
      },
      { line: () => undefined, columns: 80 },
      {
        ...ports,
        operatorOf: (environment) => {
          const operator = ports.operatorOf(environment) as DeployedOperator;
          redeployer = new Redeployer(operator, opened!, { assemblies, migration: plan.migration, next });
          return redeployer;
        },
      },
    );
    const engineDirectory = join(statePath, 'engine');
    return {
      ...{ result, redeployer: redeployer! },
      executed: executedCodeIn(engineDirectory),
      startedVersions: startedVersionsIn(engineDirectory),
    };
  } finally {
    rmSync(statePath, { recursive: true, force: true });
  }
}

/** PostgreSQL may run as another user, which needs access to the directory. */
function publicDirectory(prefix: string): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(path, 0o755);
  return path;
}

const TERMINAL: Terminal = {
  out: () => undefined,
  err: () => undefined,
  columns: 80,
  environment: {},
  interrupted: new AbortController().signal,
  now: Date.now,
  sleep: (ms) => sleep(ms),
};
