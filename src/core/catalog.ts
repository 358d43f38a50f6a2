/** Descriptions of databases, read from their catalogs, for preflight and layouts. They contain no row data. */

import type { Side } from '../contract/sides';
import type { TableName } from './identifier';

export interface CollationDescription {
  /** Name without its schema, e.g. `C`, `en_US.utf8`; the database's own name for `default`. */
  readonly name: string;
  /** `libc`, `icu` or `builtin`. */
  readonly provider: string;
  /** The provider's locale, e.g. `en_US.UTF-8`, with any tailoring rules. It decides the order; names of collations may differ. */
  readonly locale: string;
  readonly deterministic: boolean;
  /** Version the database actually uses; null where the provider has none. */
  readonly version: string | null;
}

/** The type of a column's values, with domains resolved, also those of array elements. */
export interface ValueDescription {
  /** Without modifier, schema-qualified unless in pg_catalog; of the element where values are arrays. */
  readonly type: string;
  /** `pg_type.typname`: the name without its schema, e.g. `int4`, `mood`. */
  readonly typeName: string;
  /** `atttypmod` or `typtypmod`, e.g. 24 for varchar(20); -1 where there is none. */
  readonly modifier: number;
  /** Number of array types resolved; 0 for a scalar. */
  readonly arrayLevels: number;
  readonly kind: Exclude<ColumnDescription['kind'], 'domain'>;
  /** Null unless an enum; in the enum's order. */
  readonly enumLabels: readonly string[] | null;
  /** `name type` of each attribute; null unless composite. */
  readonly attributes: readonly string[] | null;
  /** Extension that the type belongs to. */
  readonly extension: string | null;
  /** True if a default btree operator class orders the type. */
  readonly orderable: boolean;
}

export interface ColumnDescription {
  readonly name: string;
  /** `format_type` with its modifier, schema-qualified unless in pg_catalog, e.g. `numeric(10,2)`, `shop.mood`. */
  readonly type: string;
  /** `type` without its modifier, e.g. `numeric`. */
  readonly plainType: string;
  /** `pg_type.typtype` of the type: base, composite, domain, enum, range, multirange or pseudo. */
  readonly kind: 'base' | 'composite' | 'domain' | 'enum' | 'range' | 'multirange' | 'pseudo';
  /** `plainType` of the base type of a domain, through all levels; equals `plainType` for other kinds. */
  readonly baseType: string;
  readonly value: ValueDescription;
  /** True if the values are arrays, also of a domain over an array. */
  readonly isArray: boolean;
  /**
   * Casts from text to this type, or to an array of it, that call a function which is neither internal nor in C. Text is cast
   * where Sluice writes values and compares keys.
   */
  readonly castsFromText: readonly { readonly cast: string; readonly calls: string }[];
  /** Implicit casts of this type to another, without those that PostgreSQL itself has and those that change nothing. */
  readonly implicitCasts: readonly string[];
  /** True if an array type over this type exists (`pg_type.typarray`). */
  readonly hasArrayType: boolean;
  /** `pg_type.typdelim`: what separates the type's values in an array literal (`;` for box). */
  readonly delimiter: string;
  /** Declared and proven: a NOT VALID constraint does not count. */
  readonly notNull: boolean;
  /** The column or its domain refuses NULL in new rows. */
  readonly refusesNull: boolean;
  /** Of the column or of its domain. */
  readonly hasDefault: boolean;
  readonly generated: boolean;
  readonly identity: 'always' | 'by default' | null;
  /** Null for types without collation. */
  readonly collation: CollationDescription | null;
  /** Schema-qualified sequence that the column's default draws from; else the one that the column owns, or null. */
  readonly sequence: string | null;
  /** The connected login may read and set that sequence; true without a sequence. */
  readonly maySetSequence: boolean;
}

export interface SequenceDescription {
  /** `schema.name`, quoted as SQL would. */
  readonly sequence: string;
  readonly schema: string;
  readonly name: string;
  /** Column that owns it (serial, identity or OWNED BY), or null. */
  readonly ownedBy: (TableName & { readonly column: string }) | null;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cycles: boolean;
  /** Last value, or the first one if none was drawn; null if the connected login may not read it. */
  readonly position: string | null;
  /** The connected login may read and set it. */
  readonly maySet: boolean;
}

export interface IndexDescription {
  readonly name: string;
  /** Key columns in order; null in the place of an expression. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly primary: boolean;
  /** Partial indexes have a predicate. */
  readonly partial: boolean;
  /**
   * Valid, ready and not deferrable; btree under each column's default operator class and own collation, all columns in the
   * same direction: an index scan returns rows in the key's order.
   */
  readonly usable: boolean;
  /** Made for every row, also of those that were there before. */
  readonly valid: boolean;
  /** Of a constraint that may be checked after the statement: by a trigger, which session_replication_role = replica turns off. */
  readonly deferrable: boolean;
  /** Of an exclusion constraint, or of a key WITHOUT OVERLAPS. */
  readonly exclusion: boolean;
}

export interface ForeignKeyDescription {
  readonly name: string;
  /** The referencing table; the root of its partition tree if the key belongs to a partition. */
  readonly from: TableName;
  /** The referenced table; the root of its partition tree if the key references a partition. */
  readonly to: TableName;
  /** The partition of `from` that the key belongs to, and which the others do not have; null for a key of the whole table. */
  readonly ofPartition: TableName | null;
  /** The partition of `to` that the key references; null for a key to the whole table. */
  readonly toPartition: TableName | null;
  readonly columns: readonly string[];
  readonly referencedColumns: readonly string[];
  /**
   * How each referenced column is compared with the referencing one: the operator, `OPERATOR(schema.name)`, and the collation of
   * the referenced column, if the other one differs.
   */
  readonly comparisons: readonly { readonly operator: string; readonly collation: string | null }[];
  /** With PERIOD: a row's period is covered by those of several parents. */
  readonly temporal: boolean;
  /** Validated and enforced: PostgreSQL asserts that every row has its parent. */
  readonly validated: boolean;
  /** Validated, and none of its triggers is disabled: every row has its parent, regardless of the writer. */
  readonly enforced: boolean;
  /** A change of a parent's key, or its deletion, changes or deletes its rows (e.g. `ON DELETE CASCADE`). */
  readonly cascades: boolean;
  /** The connected login may read the referenced table. */
  readonly mayReadParent: boolean;
}

/** A constraint on the values of single rows. */
export interface CheckDescription {
  readonly name: string;
  /** Column of a NOT NULL constraint; null for a CHECK. */
  readonly column: string | null;
  /** Null for NOT NULL. */
  readonly expression: string | null;
  /** Existing rows were checked. */
  readonly validated: boolean;
  /** New rows are checked. */
  readonly enforced: boolean;
}

export interface TableDescription {
  readonly table: TableName;
  /** `pg_class.relkind` in words. */
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table' | 'other';
  readonly isPartition: boolean;
  /** Children by INHERITS, not by partitioning. */
  readonly hasInheritanceChildren: boolean;
  /** Child by INHERITS, not by partitioning. */
  readonly isInheritanceChild: boolean;
  readonly hasForeignPartitions: boolean;
  /** Also true if a partition is. */
  readonly isTemporaryOrUnlogged: boolean;
  readonly owner: string;
  /** The connected login is the owner, or a member of that role, or a superuser. */
  readonly loginIsMemberOfOwner: boolean;
  /** The connected login has the owner's rights without SET ROLE. */
  readonly loginActsAsOwner: boolean;
  /** Partitions, at any level, whose owner's rights the login does not have; ten at most. */
  readonly partitionsOfOthers: readonly string[];
  /** Subscriptions of logical replication that write to the table or to a partition. */
  readonly subscriptions: readonly string[];
  /** Triggers of the table or a partition that have a name of Sluice's and a function that is not Sluice's. */
  readonly reservedTriggers: readonly string[];
  /** Rules on INSERT or UPDATE, also disabled ones. */
  readonly writeRules: readonly string[];
  /** Row security is enabled on the table. */
  readonly rowSecurity: boolean;
  readonly columns: readonly ColumnDescription[];
  readonly indexes: readonly IndexDescription[];
  /** Foreign keys of this table. */
  readonly foreignKeys: readonly ForeignKeyDescription[];
  /** Foreign keys of any table that point to this one. */
  readonly referencedBy: readonly ForeignKeyDescription[];
  /** CHECK constraints, and NOT NULL constraints that are NOT VALID. */
  readonly checks: readonly CheckDescription[];
  /** User triggers that fire under session_replication_role = replica (ENABLE ALWAYS or REPLICA), Sluice's own left out. */
  readonly triggersInReplicaRole: readonly string[];
  /** Migration and side whose guard is on the table, enabled or not; null if none is. No side: an older version's guard. */
  readonly guardedBy: { readonly migration: string; readonly side: Side | null } | null;
  /** Privileges of the connected login. */
  readonly privileges: {
    /** USAGE on the table's schema. */
    readonly usage: boolean;
    readonly select: boolean;
    readonly insert: boolean;
    readonly update: boolean;
    readonly delete: boolean;
  };
  /** Rights of the connected login, e.g. `SELECT`, without those that every login has. */
  readonly ownRights: readonly string[];
  /** Size of the heap on disk, over all partitions, in bytes. */
  readonly heapBytes: number;
  /** Size of the values stored out of line, over all partitions, in bytes. */
  readonly toastBytes: number;
  /** `reltuples` over all partitions; -1 if never analysed. */
  readonly rowsEstimated: number;
  /** False also where the login may not read it, or does not: the owner's login queries no table of the application's. */
  readonly hasRows: boolean;
}

/** The server and the connected login. */
export interface ServerDescription {
  /** `server_version_num`, e.g. 150004. */
  readonly version: number;
  readonly encoding: string;
  readonly database: string;
  readonly login: string;
  readonly isSuperuser: boolean;
  readonly bypassesRowSecurity: boolean;
  /** Value of each setting that Sluice pins, in the login's session. */
  readonly settings: Readonly<Record<string, string>>;
  readonly inRecovery: boolean;
  /** The login may create schemas in the database. */
  readonly mayCreateSchema: boolean;
  readonly mayCreateTemporary: boolean;
  /** Owner of schema `sluice`; null where there is none. */
  readonly sluiceSchemaOwner: string | null;
  /** The login has the rights of that owner; true where there is no such schema. */
  readonly actsAsSluiceSchemaOwner: boolean;
  /** Schema `sluice` holds something, and Sluice did not make it. */
  readonly sluiceSchemaTaken: boolean;
  /** An older version of Sluice made it, whose tables do not know sides. */
  readonly sluiceSchemaIsOlder: boolean;
  /** Other logins, except superusers, that inherit the login's rights or may acquire them by SET ROLE. At most twenty. */
  readonly actingLogins: readonly string[];
  /** Other values of `application_name` among the login's sessions in this database; ten at most. */
  readonly otherApplications: readonly string[];
  /** Publications FOR ALL TABLES, if a logical replication slot hands them on; ten at most. */
  readonly publicationsOfAll: readonly string[];
  /** Whether the login sees how long the transactions of other sessions are open. */
  readonly seesOtherSessions: boolean;
  /** Prepared transactions that are open in this database. */
  readonly preparedTransactions: number;
}
