/** The rule for scripts: with `--json`, the last line of stdout is the whole result, as one JSON object. */
import type { MigrationReport } from '../../src/core/ledger';
import { VERBS } from '../../src/cli/verbs';
import { run } from './support';

const TEXT = 'two\nlines';

jest.mock('../../src/rehearsal/chaos', () => ({
  chaos: () => Promise.resolve({ seeds: 1, consistent: 1, inconsistent: [{ doubts: [TEXT] }] }),
}));
jest.mock('../../src/rehearsal/rehearse', () => ({
  ...jest.requireActual<object>('../../src/rehearsal/rehearse'),
  rehearse: (_options: unknown, screen: { line(text: string): void }) => {
    screen.line('progress');
    return Promise.resolve({ verdict: 'pass', doubts: [TEXT] });
  },
}));
jest.mock('../../src/cli/operator', () => ({
  Operator: class {
    report(): Promise<unknown> {
      const record = { status: 'running', reason: TEXT, captureLost: null, writes: 'source' };
      return Promise.resolve({ record, tables: [], problems: [], sync: null, journal: [] } satisfies Record<
        keyof MigrationReport,
        unknown
      >);
    }
  },
}));

const POSITIONALS: Readonly<Record<string, readonly string[]>> = { status: ['orders'] };

test.each(VERBS.filter(({ flags }) => 'json' in flags).map(({ name }) => name))(
  '%s --json prints exactly one JSON object, on one line',
  async (name) => {
    const { code, out } = await run([name, ...(POSITIONALS[name] ?? []), '--json']);
    expect(code).toBe(0);
    expect(out).not.toContain('\n');
    const result: unknown = JSON.parse(out);
    expect(Object.keys(result as object).length).toBeGreaterThan(0);
    expect(out).toMatch(/^\{.*\}$/);
    expect(JSON.stringify(result)).toContain(JSON.stringify(TEXT));
  },
);

test('status, rehearse and chaos have the flag', () => {
  const names = VERBS.filter(({ flags }) => 'json' in flags).map(({ name }) => name);
  expect(names.sort()).toEqual(['chaos', 'rehearse', 'status']);
});
