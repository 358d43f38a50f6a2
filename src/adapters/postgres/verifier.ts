import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { KeyRange, LeaseState, Verifier } from '../../core/ports';
import type { Database } from './database';
import { digestOf } from './digest';
import { readLease } from './leases';
import type { ProjectedReader } from './projected-reader';
import { orphansSql } from './sql/digest/orphans';
import { READ_TOUCHES } from './sql/statements';

/** Reads what a comparison needs from one database, with the verifier's login. */
export class DatabaseVerifier implements Verifier {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly reader: Pick<ProjectedReader, 'digest'>,
  ) {}

  digestFrom(layout: Layout, range: KeyRange): Promise<Digest> {
    return this.reader.digest(layout, range);
  }

  digestTo(layout: Layout, range: KeyRange): Promise<Digest> {
    return digestOf(this.database, layout, 'to', range);
  }

  async orphans(layout: Layout, range: KeyRange): Promise<number> {
    if (layout.foreignKeys.length === 0) return 0;
    const { sql, parameters } = orphansSql(layout, range);
    const [row] = await this.database.query(sql, parameters);
    return Number(row!.orphans);
  }

  readLease(scope: string): Promise<LeaseState | null> {
    return readLease(this.database, scope);
  }

  async touches(prefix: string): Promise<ReadonlyMap<number, number>> {
    const rows = await this.database.query(READ_TOUCHES, { prefix });
    return new Map(rows.map((row) => [Number(row.chunk), Number(row.times)]));
  }
}
