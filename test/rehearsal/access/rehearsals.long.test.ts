/** Runs rehearsals under the deployment's roles: no permission is missing, and every unused one has a reason. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Grant } from 'local-aws/testing';
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { rehearsalTemplate } from '../../support/rehearsal-template';

const SLUICE = join(__dirname, '..', '..', '..', 'bin', 'sluice.js');
const MINUTES = 60_000;

const children: ChildProcess[] = [];
let home: string;
let template: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-access-test-'));
  // PostgreSQL may run as another user, which needs access to the directory.
  chmodSync(home, 0o755);
  template = await rehearsalTemplate();
}, MINUTES);
/** An interrupted rehearsal stops its servers. */
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGINT');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly result: RehearsalResult;
  readonly err: string;
}

async function rehearse(migration: string, templatePath: string): Promise<Run> {
  const args = ['rehearse', migration, '--rows', '300', '--json', '--template', templatePath];
  const child = spawn(process.execPath, [SLUICE, ...args]);
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`the rehearsal printed no result:\n${err}`);
  return { code, result: JSON.parse(last) as RehearsalResult, err };
}

/** Principals, actions and resources that an undisturbed migration does not use, and the reason for each. */
const NEEDED_ELSEWHERE: readonly [RegExp, RegExp, RegExp, string][] = [
  [/^(Abort|revoke|reopen|clean)$/, /./, /./, 'an abort'],
  [/^recordFailure$/, /^dynamodb:/, /./, 'a migration that is held'],
  [/^Migration$/, /^lambda:/, /-recordFailure:\*$/, 'a migration that is held'],
  [/^Sync$/, /^states:StartExecution$/, /-Sync$/, 'a sync that lasts longer than one execution'],
  [/^(claimMigration|nextSync)$/, /^states:DescribeExecution$/, /./, 'an owner that may have ended'],
  [/^claimMigration$/, /^states:StopExecution$/, /./, 'an upgrade'],
  [/^claimMigration$/, /^dynamodb:(Get|Update|Delete)Item$/, /./, 'a migration that is resumed'],
  [
    /^(judge|cutover|applyChanges)$/,
    /^dynamodb:DeleteItem$/,
    /./,
    'rows that the target refused, judged again',
  ],
  [/^(copyChunk|applyChanges)$/, /^dynamodb:PutItem$/, /./, 'rows that the target refuses'],
  // Every function uses the ledger through the same port, which needs all of these.
  [
    /^(copyChunk|verifyChunk)$/,
    /^dynamodb:(PutItem|Query)$/,
    /./,
    'the port of the ledger, which all functions share',
  ],
  [/^disarm$/, /^dynamodb:UpdateItem$/, /./, 'the port of the ledger, which all functions share'],
  [/./, /^dynamodb:DescribeTable$/, /./, 'the port of the ledger, which all functions share'],
];

/** Used only in some runs, because the writers of a live rehearsal never write the same twice. */
const NEEDED_SOMETIMES: typeof NEEDED_ELSEWHERE = [
  [/^cancelCutover$/, /./, /./, 'a fence that does not fit'],
  [/^Migration$/, /^lambda:/, /-cancelCutover:\*$/, 'a fence that does not fit'],
  [
    /^(preflight|plan)$/,
    /^rds-data:(Begin|Rollback)Transaction$/,
    /./,
    'tables with large rows, and projections',
  ],
];

const isNeeded =
  ({ principals, action, resource }: Grant) =>
  ([principal, allowed, where]: (typeof NEEDED_ELSEWHERE)[number]): boolean =>
    principals.every((name) => principal.test(name.replace('sluice-dev-', ''))) &&
    allowed.test(action) &&
    where.test(resource);

/** The grants that each rehearsal did not use, by migration. */
const unusedBy = new Map<string, readonly Grant[]>();

test.each(['orders', 'orders-live', 'reshaped'])(
  'no call of %s is denied',
  async (migration) => {
    const { code, result, err } = await rehearse(migration, template);
    expect([code, err]).toEqual([0, expect.anything()]);
    expect(result).toMatchObject({ verdict: 'pass', access: { denied: [] } });
    unusedBy.set(migration, result.access.unused);
    const services = new Set(result.access.notExercised.map(({ action }) => action.split(':')[0]));
    expect([...services].sort()).toEqual(['logs', 'rds-data', 'secretsmanager', 'states', 'xray']);
  },
  15 * MINUTES,
);

test('every grant that neither orders nor orders-live uses has a reason', () => {
  const [offline, live] = [unusedBy.get('orders')!, unusedBy.get('orders-live')!];
  const also = new Set(live.map((grant) => JSON.stringify(grant)));
  const unused = offline.filter((grant) => also.has(JSON.stringify(grant)));
  const known = [...NEEDED_ELSEWHERE, ...NEEDED_SOMETIMES];
  expect(unused.filter((grant) => !known.some(isNeeded(grant)))).toEqual([]);
  // A reason that no longer applies must be removed.
  const idle = NEEDED_ELSEWHERE.filter((reason) => !unused.some((grant) => isNeeded(grant)(reason)));
  expect(idle).toEqual([]);
});

interface Template {
  readonly Resources: Record<
    string,
    { Type: string; Properties: { PolicyDocument?: { Statement: { Action: string | string[] }[] } } }
  >;
}

/** Copies the template, and removes the statement that allows the action from the function's policy. */
function removeGrant(action: string, functionName: string): string {
  const copy = join(home, `without-${action.replace(':', '-')}`);
  cpSync(join(template, 'cdk.out'), join(copy, 'cdk.out'), { recursive: true });
  const file = join(copy, 'cdk.out', 'Sluice.template.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as Template;
  const [, policy] = Object.entries(content.Resources).find(
    ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(`Functions${functionName}Role`),
  )!;
  const document = policy.Properties.PolicyDocument!;
  const kept = document.Statement.filter(({ Action }) => ![Action].flat().includes(action));
  expect(kept).toHaveLength(document.Statement.length - 1);
  document.Statement = kept;
  writeFileSync(file, JSON.stringify(content));
  return copy;
}

test(
  'a migration that lacks a permission fails with the statement to add',
  async () => {
    const { code, result, err } = await rehearse(
      'orders',
      removeGrant('secretsmanager:GetSecretValue', 'fence'),
    );
    expect(code).toBe(1);
    const [denied] = result.access.denied;
    expect(denied).toMatchObject({
      principal: expect.stringMatching(/:assumed-role\/.*\/sluice-dev-fence$/) as string,
      statement: {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: expect.stringMatching(/:secret:shop-(classic|next)\/sluice-control/) as string,
      },
    });
    const remedy = `add to ${denied!.role}: ${JSON.stringify(denied!.statement)}`;
    expect(result.doubts[0]).toContain(remedy);
    expect(err).toContain(remedy);
  },
  15 * MINUTES,
);
