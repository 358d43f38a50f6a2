import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLogins } from '../../src/rehearsal/seed/logins';
import { rolesSql } from '../../src/rehearsal/seed/roles';
import { freshDatabase, loginUrl, runSql, startTestPostgres } from 'local-aws/testing';

const rolesFile = join(__dirname, '..', '..', 'docs', 'guide', 'roles.sql');
const script = readFileSync(rolesFile, 'utf8');
const passwords = {
  app: 'application',
  sluice_owner: "it's owner",
  sluice_control: 'control',
  sluice_worker: 'worker',
  sluice_verifier: 'verifier',
};
const sluicePasswords = { sluice_owner: 'a', sluice_control: 'b', sluice_worker: 'c', sluice_verifier: 'd' };

test("the guide's logins work on a server, and can be created again", async () => {
  const server = await startTestPostgres();
  try {
    const url = await freshDatabase(server);
    for (const side of ['source', 'target'] as const) {
      const client = new Client({ connectionString: url });
      await client.connect();
      await createLogins(client, { side, rolesFile, passwords, sharedServer: false });
      await client.end();
      const worker = loginUrl(url, 'sluice_worker', passwords.sluice_worker);
      expect(await runSql(worker, 'SHOW session_replication_role')).toEqual([
        { session_replication_role: side === 'target' ? 'replica' : 'origin' },
      ]);
    }
    const owner = loginUrl(url, 'sluice_owner', passwords.sluice_owner);
    expect(await runSql(owner, "SELECT pg_has_role('app_owner', 'USAGE') AS acts")).toEqual([{ acts: true }]);
    await runSql(owner, 'CREATE SCHEMA made_by_sluice');
    await runSql(loginUrl(url, 'app', passwords.app), 'SELECT 1');
  } finally {
    await server.stop();
  }
});

test('on one server, only sessions in the target database skip triggers', () => {
  const text = rolesSql(script, {
    side: 'target',
    passwords: sluicePasswords,
    existing: new Set(),
    onlyInDatabase: 'Target',
  });
  expect(text).toContain(
    'ALTER ROLE sluice_worker IN DATABASE "Target" SET session_replication_role = replica;',
  );
  expect(text).not.toMatch(/^ALTER ROLE sluice_worker SET session_replication_role/m);
});

test('refuses a changed guide instead of running a part of it', () => {
  const options = {
    side: 'source',
    passwords: sluicePasswords,
    existing: new Set<string>(),
  } as const;
  expect(() => rolesSql(script.replace("LOGIN PASSWORD 'replace me';", 'LOGIN;'), options)).toThrow(
    /creates the logins sluice_owner, sluice_worker, sluice_verifier, not sluice_owner, sluice_control, sluice_worker, sluice_verifier/,
  );
  expect(() => rolesSql(script.replace('session_replication_role', 'role'), options)).toThrow(
    /session_replication_role/,
  );
});
