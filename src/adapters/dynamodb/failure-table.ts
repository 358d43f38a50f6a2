import type { MigrationRecord, TextRef } from '../../core/ledger';
import type { Items } from './items';
import { TextParts } from './text-parts';

/** Stores the whole list or text of errors that are reported in part. */
export class FailureTable {
  private readonly parts: TextParts;

  constructor(items: Items) {
    this.parts = new TextParts(items, 'failure', 'list of problems');
  }

  store(migration: string, entries: readonly string[]): Promise<TextRef> {
    return this.parts.store(migration, entries);
  }

  /** Reads the entries of the failure that a record refers to; none if its reason is whole. */
  async read({
    migration,
    failure,
  }: Pick<MigrationRecord, 'migration' | 'failure'>): Promise<readonly string[]> {
    return failure ? ((await this.parts.read(migration, failure)) as string[]) : [];
  }
}
