/** Before the first test: a directory for what the tests of one run share, removed by `after-all.ts`. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function beforeAll(): void {
  const home = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(home, 0o755);
  // Workers get this process's environment.
  process.env['SLUICE_TESTS_HOME'] = home;
}
