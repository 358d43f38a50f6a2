/** `sluice local` reports access on stderr and in the state directory, and overrides the shell's profile. */
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccessReport, credentialsOf, policiesOf, readAssembly } from 'local-aws/testing';
import { assemblyOf } from '../../src/rehearsal/rehearse/template';
import { rehearsalTemplate } from '../support/rehearsal-template';
import { Local, makeScratch, processesIn, SLUICE } from './local-process';

const scratch = makeScratch();
const state = join(scratch, 'state');
let template: string;

beforeAll(async () => {
  template = await rehearsalTemplate();
}, 60_000);

/** The key of a deployed function, which has fewer permissions than an operator. */
function keyOf(functionName: string): string {
  const assembly = readAssembly({ assemblyDirectory: assemblyOf(template) });
  return credentialsOf(policiesOf({ ...assembly, rules: [] }, []), functionName)['AWS_ACCESS_KEY_ID']!;
}

/** A shell of a user who has a profile for AWS. */
function inShell(command: string): { readonly status: number | null; readonly output: string } {
  const config = join(scratch, 'config');
  writeFileSync(config, '[profile production]\nregion = us-east-1\n');
  const credentials = join(scratch, 'credentials');
  writeFileSync(
    credentials,
    '[production]\naws_access_key_id = AKIAPRODUCTION\naws_secret_access_key = secret\n',
  );
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_PROFILE: 'production',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    },
  });
  return { status, output: stdout + stderr };
}

test('reports a denial when it happens, keeps the report, and overrides a profile', async () => {
  mkdirSync(state);
  chmodSync(state, 0o755);
  const local = new Local(scratch, '--rows', '100', '--state', state, '--template', template);
  try {
    const variables = await local.variables();
    writeFileSync(join(scratch, 'local.env'), local.out);
    const start = `${process.execPath} ${SLUICE} start orders`;
    expect(inShell(`. ${scratch}/local.env; ${start}`)).toEqual({
      status: 0,
      output: expect.stringMatching(/^started arn:/) as string,
    });
    const forgotten = inShell(`. ${scratch}/local.env; export AWS_PROFILE=production; ${start}`);
    expect(forgotten).toEqual({
      status: 1,
      output: expect.stringMatching(/AWS_PROFILE production, .*points to this machine/) as string,
    });

    const sfn = new SFNClient({
      endpoint: variables['AWS_ENDPOINT_URL_SFN']!,
      region: variables['AWS_REGION']!,
      credentials: { accessKeyId: keyOf('sluice-dev-copyChunk'), secretAccessKey: 'local' },
    });
    await expect(sfn.send(new ListStateMachinesCommand())).rejects.toThrow(/not authorized/);
    sfn.destroy();
    await local.says(/^denied: \S+copyChunk may not states:ListStateMachines on \*; add to \w+: \{/m);
    local.signal();
    expect(await local.exited).toEqual([0, null]);
  } finally {
    local.kill();
  }
  const report = JSON.parse(readFileSync(join(state, 'access.json'), 'utf8')) as AccessReport;
  expect(report.denied).toMatchObject([{ action: 'states:ListStateMachines', times: 1 }]);
  const { unused, notExercised } = report;
  expect(local.err).toContain(
    `access: 1 denied, ${unused.length} granted but unused, ${notExercised.length} not exercised on this machine; ${state}/access.json lists them`,
  );
  expect(processesIn(scratch)).toEqual([]);
  expect(existsSync(join(state, 'lock'))).toBe(false);
}, 300_000);
