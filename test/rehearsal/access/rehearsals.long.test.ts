/** Whole rehearsals under the roles that would be deployed: nothing is missing, and nothing is granted without a reason. */
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
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(home, 0o755);
  template = await rehearsalTemplate();
}, MINUTES);
/** Interrupted, a rehearsal ends its servers. */
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
  const words = ['rehearse', migration, '--rows', '300', '--json', '--template', templatePath];
  const child = spawn(process.execPath, [SLUICE, ...words]);
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`the rehearsal told nothing:\n${err}`);
  return { code, result: JSON.parse(last) as RehearsalResult, err };
}

/** Principals, actions and resources that moves without a mishap do not need, and what needs them. */
const NEEDED_OTHERWISE: readonly [RegExp, RegExp, RegExp, string][] = [
  [/^(Abort|revoke|reopen|clean)$/, /./, /./, 'an abort'],
  [/^recordFailure$/, /^dynamodb:/, /./, 'a migration that is held'],
  [/^Migration$/, /^lambda:/, /-recordFailure$/, 'a migration that is held'],
  [/^Sync$/, /^states:StartExecution$/, /-Sync$/, 'a sync that lasts longer than one execution'],
  [/^(claimMigration|nextSync)$/, /^states:DescribeExecution$/, /./, 'an owner that may be gone'],
  [/^claimMigration$/, /^dynamodb:(Get|Update|Delete)Item$/, /./, 'a migration that is resumed'],
  [/^(judge|cutover|applyChanges)$/, /^dynamodb:DeleteItem$/, /./, 'rows that were refused, judged anew'],
  [/^(copyChunk|applyChanges)$/, /^dynamodb:PutItem$/, /./, 'rows that the target refuses'],
  // Every function reads and writes the ledger through one port, which may ask for any of these.
  [
    /^(copyChunk|verifyChunk)$/,
    /^dynamodb:(PutItem|Query)$/,
    /./,
    'the ledger, whose items all functions may read and write',
  ],
];

/** Needed by chance: the writers of a live rehearsal do not write the same twice. */
const NEEDED_AT_TIMES: typeof NEEDED_OTHERWISE = [
  [/^cancelCutover$/, /./, /./, 'a fence that does not fit'],
  [/^Migration$/, /^lambda:/, /-cancelCutover$/, 'a fence that does not fit'],
  [
    /^(preflight|plan)$/,
    /^rds-data:(Begin|Rollback)Transaction$/,
    /./,
    'tables with large rows, and projections',
  ],
];

const isNeeded =
  ({ principals, action, resource }: Grant) =>
  ([who, what, where]: (typeof NEEDED_OTHERWISE)[number]): boolean =>
    principals.every((name) => who.test(name.replace('sluice-dev-', ''))) &&
    what.test(action) &&
    where.test(resource);

/** What each move never used. */
const unusedBy = new Map<string, readonly Grant[]>();

test.each(['orders', 'orders-live', 'reshaped'])(
  'nothing is denied to %s',
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

test('what neither of those with the same databases uses is needed otherwise', () => {
  const [offline, live] = [unusedBy.get('orders')!, unusedBy.get('orders-live')!];
  const also = new Set(live.map((grant) => JSON.stringify(grant)));
  const unused = offline.filter((grant) => also.has(JSON.stringify(grant)));
  const known = [...NEEDED_OTHERWISE, ...NEEDED_AT_TIMES];
  expect(unused.filter((grant) => !known.some(isNeeded(grant)))).toEqual([]);
  // A reason that explains nothing any more goes.
  const idle = NEEDED_OTHERWISE.filter((reason) => !unused.some((grant) => isNeeded(grant)(reason)));
  expect(idle).toEqual([]);
});

interface Template {
  readonly Resources: Record<
    string,
    { Type: string; Properties: { PolicyDocument?: { Statement: { Action: string | string[] }[] } } }
  >;
}

/** A copy of the template whose function has lost the statement that allows the action. */
function without(action: string, functionName: string): string {
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
  'a move that lacks a permission fails with the statement to add',
  async () => {
    const { code, result, err } = await rehearse('orders', without('secretsmanager:GetSecretValue', 'fence'));
    expect(code).toBe(1);
    const [denied] = result.access.denied;
    expect(denied).toMatchObject({
      principal: expect.stringMatching(/:assumed-role\/.*\/sluice-dev-fence$/) as string,
      statement: {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: expect.stringMatching(/:secret:shop-classic\/sluice-worker/) as string,
      },
    });
    const remedy = `add to ${denied!.role}: ${JSON.stringify(denied!.statement)}`;
    expect(result.doubts[0]).toContain(remedy);
    expect(err).toContain(remedy);
  },
  15 * MINUTES,
);
