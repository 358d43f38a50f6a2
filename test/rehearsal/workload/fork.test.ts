import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FORK = join(__dirname, '../../../src/rehearsal/workload/fork.ts');

test('output of a workload is printed to stderr, because stdout is for the result', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-fork-test-'));
  try {
    const file = join(directory, 'workload.js');
    writeFileSync(file, "console.log('printed'); exports.default = { own: [], actions: {} };");
    const url = 'postgres://app@127.0.0.1:1/shop';
    const options = {
      ...{ file, migration: 'shop', controlTable: 'control', environment: {}, tables: [], seed: 1 },
      ...{ urls: { source: url, target: url }, journalPath: join(directory, 'workload.jsonl') },
    };
    const script = `require(${JSON.stringify(FORK)}).forkWorkload(${JSON.stringify(options)})
      .then((writers) => writers.close(), (error) => console.error(String(error)));`;
    const run = spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', script], { encoding: 'utf8' });
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^printed$/m);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
