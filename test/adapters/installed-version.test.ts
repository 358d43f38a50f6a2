/** The version of the installed functions changes with their SQL, because running migrations keep the functions that they installed. */
import { createHash } from 'node:crypto';
import { FUNCTIONS } from '../../src/adapters/postgres/install/functions';
import { INSTALLED_VERSION } from '../../src/contract/versions';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { statement } from '../../src/adapters/postgres/sql/statement';

/** Hash of the functions by version. Add a row for a new version; a row of a released version never changes. */
const HASHES: Readonly<Record<number, string>> = {
  1: '96788cf6c27edd64e9d8ecdbe0a3c63eb95a62286840a8fa1769e62b9fc31001',
};

test('the SQL of the installed functions is that of its version', () => {
  const sql = FUNCTIONS.map(statement).join('\n');
  expect(createHash('sha256').update(sql).digest('hex')).toBe(HASHES[INSTALLED_VERSION]);
});

test.each([
  ['SELECT sluice.set_guard(1)', 'SELECT sluice.set_guard_v7(1)'],
  ['FROM sluice.captures(1), sluice.capture', 'FROM sluice.captures_v7(1), sluice.capture'],
  ['sluice.enqueue_v3()', 'sluice.enqueue_v3()'],
  ['sluice.change_log, sluice.register', 'sluice.change_log, sluice.register_v7'],
])('%s', (sql, expected) => {
  expect(versioned(sql, 7)).toBe(expected);
  expect(versioned(versioned(sql, 7), 7)).toBe(expected);
});
