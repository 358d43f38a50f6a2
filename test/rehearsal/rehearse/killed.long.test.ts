/** Rehearsals that are killed or interrupted, and a local deployment that serves other commands. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSql } from 'local-aws';
import { MINUTES, Rehearsals, resultOf, until } from './rehearsal-process';

const rehearsals = Rehearsals.use();

/** The output after which the rehearsal is killed. */
const INSTANTS: readonly [when: string, output: RegExp, createsItsParts: boolean][] = [
  ['before it has printed a line', /^/, true],
  ['while it starts its servers and synthesizes the app', /rehearsing/, true],
  ['after the seed', /seeded/, false],
  ['at the start of the migration', /started arn/, false],
  ['while it copies', /rows copied, [1-9]/, false],
  ['while it compares', /comparing/, false],
];

/** A rehearsal that was killed before it created a file is started again: there is nothing to resume. */
const resumeFlag = (state: string): string[] =>
  existsSync(state) && readdirSync(state).length > 0 ? ['--resume'] : [];

test.each(INSTANTS)(
  'a rehearsal that is killed %s can be continued',
  async (_when, output, createsItsParts) => {
    const parts = createsItsParts ? [] : ['--template', rehearsals.template];
    const killed = rehearsals.sluice(['rehearse', '--rows', '3000', '--state', rehearsals.state, ...parts]);
    await until(() => output.test(killed.err()), killed);
    killed.child.kill('SIGKILL');
    await killed.code;
    const resumed = rehearsals.sluice([
      'rehearse',
      ...resumeFlag(rehearsals.state),
      '--json',
      '--state',
      rehearsals.state,
      ...['--rows', '3000', ...parts],
    ]);
    expect([await resumed.code, resumed.err()]).toEqual([0, expect.anything()]);
    expect(resultOf(resumed)).toMatchObject({ verdict: 'pass', migration: 'orders' });
  },
  5 * MINUTES,
);

test(
  'an interrupted rehearsal stops its servers, and reports the interruption',
  async () => {
    const run = rehearsals.sluice([
      'rehearse',
      '--rows',
      '3000',
      '--state',
      rehearsals.state,
      '--template',
      rehearsals.template,
    ]);
    await until(() => /started arn/.test(run.err()), run);
    run.child.kill('SIGINT');
    expect(await run.code).toBe(130);
    expect(run.err()).toContain('sluice rehearse: interrupted');
    const running = ['source-1', 'target-1'].filter((name) =>
      existsSync(join(rehearsals.state, name, 'data', 'postmaster.pid')),
    );
    expect(running).toEqual([]);
    expect(existsSync(join(rehearsals.state, 'lock'))).toBe(false);
  },
  5 * MINUTES,
);

test(
  'the local deployment accepts the commands of a real one',
  async () => {
    const local = rehearsals.sluice([
      'local',
      '--rows',
      '2000',
      '--state',
      rehearsals.state,
      '--template',
      rehearsals.template,
    ]);
    await until(() => /ready/.test(local.err()), local);
    const environment = Object.fromEntries(
      [...local.out().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [
        name!,
        value!.replaceAll("'", ''),
      ]),
    );
    const started = rehearsals.sluice(['start', 'orders'], environment);
    expect([await started.code, started.err()]).toEqual([0, '']);
    for (;;) {
      const status = rehearsals.sluice(['status', 'orders', '--json'], environment);
      await status.code;
      const report = (status.out() === '' ? {} : JSON.parse(status.out())) as { record?: { status: string } };
      expect(report.record?.status ?? 'running').toMatch(/running|done/);
      if (report.record?.status === 'done') break;
      await sleep(500);
    }
    const late = rehearsals.sluice(['abort', 'orders', '--reason', 'too late'], environment);
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
