/** What a database says of itself; the facts that preflight and the layout of a table work on. No row data. */

import type { TableName } from './identifier';

export interface CollationDescription {
  /** Name without its schema, e.g. `C`, `en_US.utf8`; the database's own name for `default`. */
  readonly name: string;
  readonly provider: string;
  readonly deterministic: boolean;
  /** Version the database actually uses; null where the provider has none. */
  readonly version: string | null;
}

export interface ColumnDescription {
  readonly name: string;
  /** `format_type` with its modifier, schema-qualified unless in pg_catalog, e.g. `numeric(10,2)`, `shop.mood`. */
  readonly type: string;
  /** The same of the type without its modifier, e.g. `numeric`. */
  readonly plainType: string;
  /** `pg_type.typtype` of the type: base, composite, domain, enum, range, multirange or pseudo. */
  readonly kind: 'base' | 'composite' | 'domain' | 'enum' | 'range' | 'multirange' | 'pseudo';
  /** `plainType` of what a domain stands on, through all levels; equals `plainType` for other kinds. */
  readonly baseType: string;
  /** True if the values are arrays, also behind a domain. */
  readonly isArray: boolean;
  /** True if an array type over this type exists (`pg_type.typarray`). */
  readonly hasArrayType: boolean;
  /** `pg_type.typdelim`: what separates the type's values in an array literal (`;` for box). */
  readonly delimiter: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  readonly identity: 'always' | 'by default' | null;
  /** Null for types without collation. */
  readonly collation: CollationDescription | null;
  /** Schema-qualified sequence that the column owns, or null. */
  readonly sequence: string | null;
}

export interface IndexDescription {
  readonly name: string;
  /** Key columns in order; null in the place of an expression. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly primary: boolean;
  /** Partial indexes have a predicate. */
  readonly partial: boolean;
  /** Valid, ready and not deferrable; btree. */
  readonly usable: boolean;
}

export interface ForeignKeyDescription {
  readonly name: string;
  readonly from: TableName;
  readonly to: TableName;
  readonly columns: readonly string[];
  readonly referencedColumns: readonly string[];
}

export interface TableDescription {
  readonly table: TableName;
  /** `pg_class.relkind` in words. */
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table' | 'other';
  readonly isPartition: boolean;
  /** Children by INHERITS, not by partitioning. */
  readonly hasInheritanceChildren: boolean;
  readonly isTemporaryOrUnlogged: boolean;
  readonly owner: string;
  /** Row security is enabled on the table. */
  readonly rowSecurity: boolean;
  readonly columns: readonly ColumnDescription[];
  readonly indexes: readonly IndexDescription[];
  /** Foreign keys of this table. */
  readonly foreignKeys: readonly ForeignKeyDescription[];
  /** Foreign keys of any table that point to this one. */
  readonly referencedBy: readonly ForeignKeyDescription[];
  /** User triggers that fire under session_replication_role = replica (ENABLE ALWAYS or REPLICA), Sluice's own left out. */
  readonly triggersInReplicaRole: readonly string[];
  /** What the login that asked may do. */
  readonly privileges: {
    readonly select: boolean;
    readonly insert: boolean;
    readonly update: boolean;
    readonly delete: boolean;
  };
  /** Size of the heap on disk, over all partitions, in bytes. */
  readonly heapBytes: number;
  /** `reltuples` over all partitions; -1 if never analysed. */
  readonly rowsEstimated: number;
  readonly hasRows: boolean;
}

/** The server and the login that asked. */
export interface ServerDescription {
  /** `server_version_num`, e.g. 150004. */
  readonly version: number;
  readonly encoding: string;
  readonly database: string;
  readonly login: string;
  readonly isSuperuser: boolean;
  readonly bypassesRowSecurity: boolean;
  /** Value of each setting that Sluice pins, as this session sees it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly inRecovery: boolean;
}
