import { quoteIdentifier, type TableName } from '../../core/identifier';
import type { Installer } from '../../core/ports';
import type { Database } from './database';
import { installSql } from './sql/install';
import { DROP_UNUSED } from './sql/install-target';
import { IS_INSTALLED } from './sql/lease';

/** Installs and removes Sluice's own objects, as the owner's login. */
export class DatabaseInstaller implements Installer {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  async install(workerLogin: string): Promise<void> {
    await this.database.query(installSql(quoteIdentifier(workerLogin)));
  }

  async createTarget(
    migration: string,
    files: readonly string[],
    tables: readonly TableName[],
    workerLogin: string,
  ): Promise<number> {
    const [row] = await this.database.query(
      `SELECT sluice.create_target(CAST(:migration AS text), CAST(:files AS text), CAST(:tables AS text),
        CAST(:worker AS text)) AS created`,
      { migration, files: JSON.stringify(files), tables: JSON.stringify(tables), worker: workerLogin },
    );
    return Number(row!.created);
  }

  async register(migration: string, epoch: number, tables: readonly TableName[]): Promise<void> {
    await this.database.query(
      'SELECT 1 AS done FROM sluice.register(CAST(:migration AS text), :epoch, CAST(:tables AS text))',
      { migration, epoch, tables: JSON.stringify(tables) },
    );
  }

  async noteEmpty(migration: string): Promise<readonly string[]> {
    const rows = await this.database.query(
      'SELECT e AS name FROM sluice.note_empty(CAST(:migration AS text)) AS e',
      { migration },
    );
    return rows.map((row) => String(row.name));
  }

  async uninstall(migration: string): Promise<readonly string[]> {
    const [row] = await this.database.query(IS_INSTALLED);
    if (row?.installed !== true) return [];
    const kept = await this.database.query(
      'SELECT k AS name FROM sluice.uninstall(CAST(:migration AS text)) AS k',
      { migration },
    );
    await this.database.query(DROP_UNUSED);
    return kept.map((table) => String(table.name));
  }
}
