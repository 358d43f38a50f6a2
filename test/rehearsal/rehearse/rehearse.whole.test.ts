/** The rehearsal as its users run it: a process of its own, real servers, and kills without a warning. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { databaseUrl, runSql, startPostgres } from 'local-aws';
import { rehearsalTemplate } from '../../support/rehearsal-template';

const SLUICE = join(__dirname, '..', '..', '..', 'bin', 'sluice.js');
const MINUTES = 60_000;

interface Run {
  readonly child: ChildProcess;
  /** Everything that was printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Exit code, or null if it was killed. */
  readonly code: Promise<number | null>;
}

let home: string;
let state: string;
let template: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  template = await rehearsalTemplate();
}, MINUTES);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-whole-test-'));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(home, 0o755);
  state = join(home, 'state');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stopLeftovers();
  rmSync(home, { recursive: true, force: true });
});

function sluice(words: readonly string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [SLUICE, ...words], { env: { ...process.env, ...environment } });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = new Promise<number | null>((done) => child.once('close', done));
  return { child, out: () => out, err: () => err, code };
}

/** Starting a cluster stops what was left running on it. */
async function stopLeftovers(): Promise<void> {
  for (const name of existsSync(state) ? readdirSync(state) : []) {
    if (!/^(source|target)-\d+$/.test(name)) continue;
    await (await startPostgres({ directory: join(state, name) })).stop();
  }
}

const resultOf = (run: Run): RehearsalResult =>
  JSON.parse(run.out().trimEnd().split('\n').at(-1)!) as RehearsalResult;

async function until(condition: () => boolean, run: Run): Promise<void> {
  while (!condition()) {
    if (run.child.exitCode !== null) throw new Error(`it ended early:\n${run.err()}`);
    await sleep(20);
  }
}

test(
  'a rehearsal proves that every row arrived, and sees a single wrong one',
  async () => {
    const first = sluice(['rehearse', '--rows', '3000', '--json', '--state', state]);
    expect([await first.code, first.err()]).toEqual([0, expect.anything()]);
    const result = resultOf(first);
    expect(result).toMatchObject({ command: 'rehearse', verdict: 'pass', doubts: [], migration: 'orders' });
    expect(result.tables.map(({ table, sourceRows }) => [table, sourceRows])).toEqual([
      ['shop.promotions', 200],
      ['shop.customers', 300],
      ['shop.orders', 3_000],
      ['shop.order_lines', expect.any(Number)],
      ['shop.payments', expect.any(Number)],
    ]);
    for (const table of result.tables) {
      expect(table).toMatchObject({ missing: 0, extra: 0, different: 0, targetRows: table.sourceRows });
      expect(table.sourceChecksum).toBe(table.targetChecksum);
    }
    expect(Object.keys(result.secondsPerStage)).toEqual(
      expect.arrayContaining(['preflight', 'backfill', 'verify', 'flip', 'open']),
    );
    for (const name of [
      'rowsPerSecond',
      'stateTransitions',
      'dataApiCalls',
      'dynamodbWrites',
      'lambdaGbSeconds',
    ] as const)
      expect(result[name]).toBeGreaterThan(0);
    expect(result.modelledCostUsd).toBeGreaterThan(0);

    const target = await startPostgres({ directory: join(state, 'target-1') });
    await runSql(
      databaseUrl(target.superuserUrl, 'shop'),
      "UPDATE shop.customers SET note = '' WHERE id = (SELECT min(id) FROM shop.customers WHERE note IS NULL)",
    );
    await target.stop();
    const second = sluice(['rehearse', '--resume', '--state', state]);
    expect(await second.code).toBe(1);
    expect(second.out()).toMatch(/^FAIL:\n- shop\.customers: 1 different\n$/m);
    const { unused, notExercised } = JSON.parse(
      readFileSync(join(state, 'access.json'), 'utf8'),
    ) as RehearsalResult['access'];
    expect(second.out()).toContain(
      `access: 0 denied, ${unused.length} granted and not used, ${notExercised.length} not exercised here; ${state}/access.json lists them`,
    );
  },
  5 * MINUTES,
);

/** What the rehearsal has said when it is killed. */
const INSTANTS: readonly [when: string, said: RegExp, makesItsParts: boolean][] = [
  ['before it has said anything', /^/, true],
  ['while it makes its servers and synthesizes', /rehearsing/, true],
  ['after the seed', /seeded/, false],
  ['at the start of the migration', /started arn/, false],
  ['while it copies', /rows copied, [1-9]/, false],
  ['while it compares', /comparing/, false],
];

test.each(INSTANTS)(
  'a rehearsal that is killed %s is gone on with',
  async (_when, said, makesItsParts) => {
    const parts = makesItsParts ? [] : ['--template', template];
    const killed = sluice(['rehearse', '--rows', '3000', '--state', state, ...parts]);
    await until(() => said.test(killed.err()), killed);
    killed.child.kill('SIGKILL');
    await killed.code;
    const resumed = sluice(['rehearse', '--resume', '--json', '--state', state, ...parts]);
    expect([await resumed.code, resumed.err()]).toEqual([0, expect.anything()]);
    expect(resultOf(resumed)).toMatchObject({ verdict: 'pass', migration: 'orders' });
  },
  5 * MINUTES,
);

test(
  'an interrupted rehearsal ends its servers, and says so',
  async () => {
    const run = sluice(['rehearse', '--rows', '3000', '--state', state, '--template', template]);
    await until(() => /started arn/.test(run.err()), run);
    run.child.kill('SIGINT');
    expect(await run.code).toBe(130);
    expect(run.err()).toContain('sluice rehearse: interrupted');
    const running = ['source-1', 'target-1'].filter((name) =>
      existsSync(join(state, name, 'data', 'postmaster.pid')),
    );
    expect(running).toEqual([]);
    expect(existsSync(join(state, 'lock'))).toBe(false);
  },
  5 * MINUTES,
);

test(
  'the local deployment takes the commands of a real one',
  async () => {
    const local = sluice(['local', '--rows', '2000', '--state', state, '--template', template]);
    await until(() => /ready/.test(local.err()), local);
    const environment = Object.fromEntries(
      [...local.out().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [
        name!,
        value!.replaceAll("'", ''),
      ]),
    );
    const started = sluice(['start', 'orders'], environment);
    expect([await started.code, started.err()]).toEqual([0, '']);
    for (;;) {
      const status = sluice(['status', 'orders', '--json'], environment);
      await status.code;
      const told = (status.out() === '' ? {} : JSON.parse(status.out())) as { record?: { status: string } };
      expect(told.record?.status ?? 'running').toMatch(/running|done/);
      if (told.record?.status === 'done') break;
      await sleep(500);
    }
    const late = sluice(['abort', 'orders', '--reason', 'too late'], environment);
    expect(await late.code).toBe(1);
    expect(late.err()).toContain('WrongState');
    expect(
      await runSql(environment['SLUICE_TARGET_URL']!, 'SELECT count(*)::int AS rows FROM shop.orders'),
    ).toEqual([{ rows: 2_000 }]);
    local.child.kill('SIGTERM');
    expect(await local.code).toBe(0);
  },
  5 * MINUTES,
);
