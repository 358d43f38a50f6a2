/** `forget` opens no database that is in use, and with `adopt` it leaves no source closed for good. */
import { ScanCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import {
  createForgetWorld,
  createOwnershipWorld,
  type OwnershipOptions,
} from '../../../src/adapters/ownership-world';
import { defineMigration, type Definition } from '../../../src/core/definition/definition';
import { adopt, decideAdoption } from '../../../src/core/ownership/adopt';
import {
  decideForgetting,
  forget,
  type ForgetChoices,
  type ForgetWorld,
} from '../../../src/core/ownership/forget';
import { TransientFailure } from '../../../src/core/errors';
import type { Side } from '../../../src/contract/sides';
import type { SideGuards } from '../../../src/core/ownership/ports';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../../support/control-table';
import { pgDatabase } from '../../support/pg-database';
import { endpoint, startLab, type Lab, type Setup, type Trial } from '../../support/world';
import { adoptAll, bothOpen, forgetWorld, OtherLedger } from './planes';

let lab: Lab;
let other: OtherLedger;
let copy: TestControlTable;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  [other, copy] = await Promise.all([OtherLedger.start(), startControlTable()]);
});
afterEach(async () => {
  await lab.endTrials();
  await Promise.all([other.stop(), copy.stop()]);
});

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { fence: { minutes: 10 } },
};
const CLUSTER = 'arn:aws:rds:eu-west-1:111122223333:cluster:';

const restoredInto = async (table: TestControlTable): Promise<void> => {
  const { Items = [] } = await lab.dynamodb.send(
    new ScanCommand({ TableName: TABLE_NAME, ConsistentRead: true }),
  );
  for (const Item of Items) await table.client.send(new PutCommand({ TableName: TABLE_NAME, Item }));
};

/** The definition after its endpoints were changed to clusters that were restored from snapshots. */
const repointed = ({ definition }: Trial): Definition =>
  defineMigration({
    name: definition.name,
    shape: definition.shape,
    tables: definition.tables,
    source: { test: { ...endpoint('source'), clusterArn: `${CLUSTER}restored-source` } },
    target: { test: { ...endpoint('target'), clusterArn: `${CLUSTER}restored-target` } },
  });

/** Only these clusters exist, each with the trial's database of its side; the others were lost. */
const optionsOf = (
  trial: Trial,
  dynamodb: OwnershipOptions['dynamodb'],
  definition: Definition,
  clusters: Readonly<Record<string, Side>>,
): OwnershipOptions => ({
  definition,
  environment: 'test',
  assetDirectory: '',
  dynamodb,
  connect: ({ clusterArn }, login) => {
    const side = clusters[clusterArn];
    if (side === undefined)
      return { query: () => Promise.reject(new Error(`HttpEndpoint is not found: ${clusterArn}`)) } as never;
    return pgDatabase(trial[side].as(`sluice_${login}`));
  },
});

const COPY_OF_SOURCE = { clusterArn: `${CLUSTER}copy-source`, database: 'app', ownerSecretArn: 'x' };
const ORIGINAL = { [`${CLUSTER}source`]: 'source', [`${CLUSTER}target`]: 'target' } as const;
const RESTORED = {
  [`${CLUSTER}restored-source`]: 'source',
  [`${CLUSTER}restored-target`]: 'target',
} as const;

const walked = async (until: Parameters<Trial['walk']>[0]): Promise<Trial> => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk(until);
  return trial;
};

/** Decides and, if it is possible, releases. @returns the kind, or checks and remedies of a refusal */
async function released(world: ForgetWorld, choices: ForgetChoices = {}): Promise<string> {
  const { decision } = await decideForgetting(world, choices);
  if (decision.kind === 'forget') await forget(world, decision, 'Ada');
  return decision.kind === 'refused'
    ? decision.problems.map(({ check, remedy }) => `${check}: ${remedy}`).join('; ')
    : decision.kind;
}

async function adopted(options: OwnershipOptions): Promise<string> {
  const world = createOwnershipWorld(options);
  const { decision } = await decideAdoption(world);
  if (decision.kind === 'adopt') await adopt(world, decision, 'Ada');
  return decision.kind === 'refused'
    ? decision.problems.map(({ check, remedy }) => `${check}: ${remedy}`).join('; ')
    : decision.kind;
}

describe('databases and control table restored from backups together, and named by the definition', () => {
  test('both copies are released, adopted without guards, aborted, and moved again', async () => {
    const trial = await walked('seal');
    await restoredInto(copy);
    const options = optionsOf(trial, copy.client, repointed(trial), RESTORED);
    expect(await adopted(options)).toMatch(/same-endpoints: .*sluice forget/);
    expect(await released(await createForgetWorld(options, 'source', null))).toBe('forget');
    // The dark target would have to stay closed if it were the original under another name.
    const target = await createForgetWorld(options, 'target', null);
    expect(await released(target)).toMatch(/^original-is-lost: /);
    expect(await released(target, { isOriginalLost: true })).toBe('forget');
    expect(await bothOpen(trial)).toEqual([true, true]);

    expect(await adopted(options)).toBe('adopt');
    const control = new ControlTable(copy.client, TABLE_NAME);
    const record = await control.recordOrFail(trial.name);
    expect(record).toMatchObject({ status: 'held', generation: 2, writes: 'source' });
    const frozen = await control.definitions.read(trial.name, record.definition);
    expect(frozen.source.clusterArn).toBe(`${CLUSTER}restored-source`);
    const world = { ...trial.world(), control };
    await trial.abort('a test says so', world);
    expect(await control.recordOrFail(trial.name)).toMatchObject({ status: 'aborted' });
    await trial.source.sql('UPDATE t SET v = v', 'app');
    // The rows that the first generation copied belong to the application since the guard was released.
    await trial.target.sql('DELETE FROM t', 'app');
    await trial.begin('execution-2', world);
    await trial.walk('open', world);
    expect(await bothOpen(trial)).toEqual([false, true]);
    expect(await trial.target.count('t')).toBe(250);
  });

  test('only the source was restored: its copy is released, and the abort empties the target', async () => {
    const trial = await walked('backfill');
    await restoredInto(copy);
    const clusters = { [`${CLUSTER}restored-source`]: 'source', [`${CLUSTER}target`]: 'target' } as const;
    const definition = { ...trial.definition, source: repointed(trial).source };
    const options = optionsOf(trial, copy.client, definition, clusters);
    expect(await adopted(options)).toMatch(/^same-endpoints: /);
    expect(await released(await createForgetWorld(options, 'source', null))).toBe('forget');
    expect(await adopted(options)).toBe('adopt');
    const control = new ControlTable(copy.client, TABLE_NAME);
    await trial.abort('a test says so', { ...trial.world(), control });
    expect(await control.recordOrFail(trial.name)).toMatchObject({ status: 'aborted' });
    expect([await bothOpen(trial), await trial.target.count('t')]).toEqual([[true, true], 0]);
  });
});

describe('the original cannot be reached', () => {
  test('before the flip, a copy of its source is released', async () => {
    const trial = await walked('fence');
    const options = optionsOf(trial, lab.dynamodb, trial.definition, {
      [COPY_OF_SOURCE.clusterArn]: 'source',
      [`${CLUSTER}target`]: 'target',
    });
    expect(await released(await createForgetWorld(options, 'source', COPY_OF_SOURCE))).toBe('forget');
  });

  test('after the flip, it may have been renamed, and a person states that it is lost', async () => {
    const trial = await walked('open');
    // The cluster was renamed: this is the source itself, under another ARN.
    const options = optionsOf(trial, lab.dynamodb, trial.definition, {
      [COPY_OF_SOURCE.clusterArn]: 'source',
      [`${CLUSTER}target`]: 'target',
    });
    const world = await createForgetWorld(options, 'source', COPY_OF_SOURCE);
    expect(await released(world)).toMatch(/^original-is-lost: .*--original-is-lost/);
    expect(await bothOpen(trial)).toEqual([false, true]);
    expect((await decideForgetting(world, { isOriginalLost: true })).decision).toMatchObject({
      kind: 'forget',
    });
  });

  test('a copy that the definition names is released when a person states that the original is lost', async () => {
    const trial = await walked('fence');
    const lost = optionsOf(trial, lab.dynamodb, repointed(trial), RESTORED);
    const world = await createForgetWorld(lost, 'source', null);
    expect(await released(world)).toMatch(/^original-is-lost: /);
    // It is not lost: the statement is refused, and the migration can be aborted.
    const reachable = optionsOf(trial, lab.dynamodb, repointed(trial), { ...RESTORED, ...ORIGINAL });
    const used = await createForgetWorld(reachable, 'source', null);
    expect(await released(used, { isOriginalLost: true })).toMatch(/^original-is-lost: .*without/);
    expect(await released(used)).toMatch(/^not-in-use: Abort the migration/);

    expect(await released(world, { isOriginalLost: true })).toBe('forget');
    const journal = await trial.control.journal.last(trial.name, 1);
    expect(JSON.stringify(journal)).toMatch(/statedAsLost.*cluster:source/);
  });

  test.each(['AccessDeniedException', 'TransientFailure'])('%s does not count as lost', async (name) => {
    const trial = await walked('fence');
    const failure =
      name === 'TransientFailure'
        ? new TransientFailure('busy')
        : Object.assign(new Error('no right'), { name });
    const options = optionsOf(trial, lab.dynamodb, repointed(trial), RESTORED);
    const connect: OwnershipOptions['connect'] = (at, login) =>
      at.clusterArn in RESTORED
        ? options.connect(at, login)
        : ({ query: () => Promise.reject(failure) } as never);
    const world = await createForgetWorld({ ...options, connect }, 'source', null);
    await expect(decideForgetting(world, { isOriginalLost: true })).rejects.toBe(failure);
  });
});

test('a former owner whose record says that the target serves does not open the source', async () => {
  const trial = await walked('open');
  await other.restoreFrom(lab.dynamodb);
  await adoptAll(other.ownership(trial));
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({ status: 'done', writes: 'target' });
  const world = forgetWorld(trial, 'source');
  const owner = await other.control().owner();
  for (const choices of [{}, { owner }, { owner, isOriginalLost: true }])
    expect(await released(world, choices)).not.toBe('forget');
  expect(await released(world, { owner })).toMatch(/^not-in-use: .*After a finished migration/);
  expect(await bothOpen(trial)).toEqual([false, true]);
});

test('a former owner of a running migration is referred to the environment of the guard', async () => {
  const trial = await walked('backfill');
  await other.restoreFrom(lab.dynamodb);
  await adoptAll(other.ownership(trial));
  const owner = await other.control().owner();
  expect(await released(forgetWorld(trial, 'target'), { owner })).toMatch(/^not-in-use: .*--env restored/);
});

describe('the server restarts between two reads, which changes its identity', () => {
  /** The source as it was read before the restart, and then `again`. */
  const restarted = async (trial: Trial, clusterArn: string): Promise<ForgetWorld> => {
    const options = optionsOf(trial, lab.dynamodb, trial.definition, { ...ORIGINAL, [clusterArn]: 'source' });
    const real = await createForgetWorld(options, 'source', { ...COPY_OF_SOURCE, clusterArn });
    let reads = 0;
    const guards: SideGuards = {
      find: async (migration) => {
        reads += 1;
        const found = await real.guards.find(migration);
        return reads === 1 ? { ...found, identity: 'of the server before the restart' } : found;
      },
      install: (login) => real.guards.install(login),
      adopt: (...call) => real.guards.adopt(...call),
      forget: (...call) => real.guards.forget(...call),
    };
    return { ...real, guards };
  };

  test.each([
    ['source', /^not-in-use: /],
    ['alias', /^same-server: Repeat the command/],
  ])('at address %s, the source in use does not count as a copy', async (name, refusal) => {
    const trial = await walked('open');
    expect(await released(await restarted(trial, `${CLUSTER}${name}`))).toMatch(refusal);
    expect(await bothOpen(trial)).toEqual([false, true]);
  });
});

test('a finished migration whose target was released, and a restored ledger: neither remedy names the other command', async () => {
  const trial = await walked('open');
  await restoredInto(copy);
  const original = optionsOf(trial, lab.dynamodb, trial.definition, ORIGINAL);
  expect(await released(await createForgetWorld(original, 'target', null))).toBe('forget');
  const options = optionsOf(trial, copy.client, trial.definition, ORIGINAL);
  // Both refusals are right: the source stays closed.
  const adoption = await adopted(options);
  expect(adoption).toMatch(/^one-writer: .*the source stays closed.*"Remove Sluice by hand" in the runbook/);
  expect(adoption).not.toContain('sluice forget');
  const source = await released(await createForgetWorld(options, 'source', null));
  expect(source).toMatch(/^not-in-use: .*"After a finished migration" in the runbook/);
  expect(source).not.toContain('sluice adopt');
  expect(await bothOpen(trial)).toEqual([false, true]);
});

test('an environment without a control table releases guards of another environment only by their owner', async () => {
  const trial = await walked('open');
  // `--env tset`, which has no stack, with the flags of the source that environment `test` uses.
  const options = { ...optionsOf(trial, lab.dynamodb, trial.definition, ORIGINAL), environment: 'tset' };
  const world = await createForgetWorld(options, 'source', {
    ...COPY_OF_SOURCE,
    clusterArn: `${CLUSTER}source`,
  });
  expect(world.control).toBeNull();
  expect(await released(world)).toMatch(/^own-environment: .*--env test.*--owner /);
  expect(await bothOpen(trial)).toEqual([false, true]);
  const owner = await trial.control.owner();
  expect(await released(world, { owner, isOriginalLost: true })).toMatch(/^original-is-lost: Check --env/);
  expect((await decideForgetting(world, { owner })).decision).toMatchObject({ kind: 'forget' });
});
