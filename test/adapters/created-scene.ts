/** A database in which one side of a migration is prepared step by step, next to other teams that use it too. */
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import type { TableName } from '../../src/core/identifier';
import type { Guard, Installer } from '../../src/core/guard-ports';
import type { Authority } from '../../src/core/ports';
import { pooledDatabase } from '../support/pg-database';
import type { Side } from '../support/side';
import type { Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

export const MADE: TableName = { schema: 'made', name: 't' };

export class PreparedSide {
  private constructor(
    readonly database: Side,
    private readonly logins: readonly ReturnType<typeof pooledDatabase>[],
    readonly installer: Installer,
    readonly guard: Guard,
  ) {}

  static async open(lab: Lab, environment = 'test', into?: Side): Promise<PreparedSide> {
    const database = into ?? (await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' })).target;
    const owner = pooledDatabase(database.as('sluice_owner'));
    const control = pooledDatabase(database.as('sluice_control'));
    const installer = new DatabaseInstaller(versionedDatabase(owner), 'target', environment);
    await installer.install(LOGIN_NAMES);
    return new PreparedSide(
      database,
      [owner, control],
      installer,
      new DatabaseGuard(versionedDatabase(control), 'target'),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.logins.map((login) => login.close()), this.database.close()]);
  }

  create(by: Authority, ...files: readonly string[]): Promise<number> {
    return this.installer.createTables(by, files, [MADE], LOGIN_NAMES);
  }

  /** Darkens the side, and records which tables are empty. */
  async darken(by: Authority): Promise<void> {
    await this.guard.setGuard(by, { state: 'dark' });
    await this.installer.noteEmpty(by);
  }

  /** A lease of a generation and a row that the worker wrote: the copy has started. */
  async copy({ owner, migration, generation }: Authority, table: string): Promise<void> {
    const scope = `${owner}/${migration}/target/${generation}/${table}/0`;
    await this.database.sql(
      `INSERT INTO sluice.lease (scope) VALUES ('${scope}') ON CONFLICT DO NOTHING`,
      'sluice_owner',
    );
    await this.database.sql(`INSERT INTO ${table} VALUES (7)`, 'sluice_worker');
  }
}
