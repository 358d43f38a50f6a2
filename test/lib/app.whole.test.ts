import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './support';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-app-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the app as cdk.json specifies, without credentials or other variables of this process. */
function runApp(context: object): { readonly status: number | null; readonly stderr: string } {
  const { app } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string };
  return spawnSync(app, {
    cwd: ROOT,
    shell: true,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
}

test('the app writes a template and the bundle that its functions run', () => {
  const { status, stderr } = runApp({ env: 'dev' });
  expect({ status, stderr: stderr.replace(/^Bundling asset .*\n/, '') }).toEqual({ status: 0, stderr: '' });
  const template = JSON.parse(readFileSync(join(directory, 'Sluice.template.json'), 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { Code?: { S3Key: string } } }>;
  };
  const { Properties } = Object.values(template.Resources).find(
    ({ Type }) => Type === 'AWS::Lambda::Function',
  )!;
  const hash = Properties.Code!.S3Key.replace('.zip', '');
  expect(existsSync(join(directory, `asset.${hash}`, 'index.js'))).toBe(true);
});

test('an environment missing from cdk.json ends the app with a list of those present and no stack trace', () => {
  expect(runApp({ env: 'nowhere' })).toMatchObject({
    status: 1,
    stderr:
      'Environment "nowhere" is not in cdk.json, which has: dev, staging, prod. Pass one of these as -c env=<name>, or add it to "environments".\n',
  });
});
