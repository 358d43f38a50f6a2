/** Reads from the catalog what the description of a result lacks: user-defined types, tables and constraints. */
import type { FieldDef } from 'pg';

import { unsupportedType } from './errors';
import type { Session } from './sessions';
import { BUILT_IN_TYPES, textType, type ResultType } from './types';

const NAMES_SQL = `
  select oid, typname, typtype from pg_catalog.pg_type where oid = any ($1::oid[])`;

const COLUMNS_SQL = `
  select a.attrelid, a.attnum, c.relname, a.attnotnull,
         a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false) as generated
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = any ($1::oid[])`;

/**
 * Returns the type of each column. Types of extensions and users are looked up on the statement's own session, which
 * sees the types that its open transaction created.
 *
 * @throws ServiceError UnsupportedResultException with the type's name
 */
export async function resultTypes(session: Session, fields: readonly FieldDef[]): Promise<ResultType[]> {
  const unknown = fields.map((field) => field.dataTypeID).filter((oid) => !BUILT_IN_TYPES.has(oid));
  const found = unknown.length === 0 ? new Map<number, ResultType>() : await lookUp(session, unknown);
  return fields.map(({ dataTypeID }) => {
    const type = BUILT_IN_TYPES.get(dataTypeID) ?? found.get(dataTypeID);
    if (type === undefined) throw unsupportedType(String(dataTypeID));
    return type;
  });
}

async function lookUp(session: Session, oids: readonly number[]): Promise<Map<number, ResultType>> {
  const { rows } = await session.client.query<[string, string, string]>({
    text: NAMES_SQL,
    values: [oids],
    rowMode: 'array',
  });
  return new Map(
    rows.map(([oid, name, category]) => {
      if (category !== 'e' && name !== 'vector') throw unsupportedType(name);
      return [Number(oid), textType(name)];
    }),
  );
}

/** One member of `columnMetadata`. That `type` is a `java.sql.Types` number and the schema is blank is unverified. */
interface ColumnMetadata {
  readonly arrayBaseColumnType: number;
  readonly isAutoIncrement: boolean;
  readonly isCaseSensitive: boolean;
  readonly isCurrency: boolean;
  readonly isSigned: boolean;
  readonly label: string;
  readonly name: string;
  /** 0: not null, 1: nullable, 2: unknown. */
  readonly nullable: number;
  readonly precision: number;
  readonly scale: number;
  readonly schemaName: string;
  readonly tableName: string;
  readonly type: number;
  readonly typeName: string;
}

interface ColumnFacts {
  readonly table: string;
  readonly nullable: number;
  readonly isAutoIncrement: boolean;
}

export async function columnMetadata(
  session: Session,
  fields: readonly FieldDef[],
  types: readonly ResultType[],
): Promise<ColumnMetadata[]> {
  const facts = await columnFacts(session, fields);
  return fields.flatMap((field, index) => {
    const type = types[index];
    if (type === undefined) return [];
    const known = facts.get(`${field.tableID}.${field.columnID}`);
    return [describeColumn(field, type, known ?? { table: '', nullable: 2, isAutoIncrement: false })];
  });
}

async function columnFacts(session: Session, fields: readonly FieldDef[]): Promise<Map<string, ColumnFacts>> {
  const tables = fields.map((field) => field.tableID).filter((oid) => oid !== 0);
  if (tables.length === 0) return new Map();
  const { rows } = await session.client.query<[string, string, string, string, string]>({
    text: COLUMNS_SQL,
    values: [tables],
    rowMode: 'array',
  });
  return new Map(
    rows.map(([table, column, name, notNull, generated]) => [
      `${table}.${column}`,
      { table: name, nullable: notNull === 't' ? 0 : 1, isAutoIncrement: generated === 't' },
    ]),
  );
}

function describeColumn(field: FieldDef, type: ResultType, facts: ColumnFacts): ColumnMetadata {
  const isNumber = type.kind === 'long' || type.kind === 'double' || type.kind === 'decimal';
  return {
    arrayBaseColumnType: type.jdbcElementType,
    isAutoIncrement: facts.isAutoIncrement,
    isCaseSensitive: type.kind === 'text',
    isCurrency: false,
    isSigned: isNumber && !type.isArray,
    label: field.name,
    name: field.name,
    nullable: facts.nullable,
    ...precisionOf(field, type),
    schemaName: '',
    tableName: facts.table,
    type: type.jdbcType,
    typeName: type.name,
  };
}

const TEXT_PRECISION = 2_147_483_647;
const PRECISIONS: Readonly<Record<string, number>> = {
  bool: 1,
  int2: 5,
  int4: 10,
  int8: 19,
  float4: 8,
  float8: 17,
};

/** Decodes the type modifier: `varchar(20)` has 24, `numeric(10, 2)` has (10 << 16 | 2) + 4, no modifier is -1. */
function precisionOf(field: FieldDef, type: ResultType): { precision: number; scale: number } {
  const modifier = field.dataTypeModifier;
  if (type.kind === 'decimal') {
    if (modifier < 4) return { precision: 0, scale: 0 };
    return { precision: (modifier - 4) >> 16, scale: (modifier - 4) & 0x7ff };
  }
  const isText = type.kind === 'text' || type.kind === 'blob';
  if (isText) return { precision: modifier >= 4 ? modifier - 4 : TEXT_PRECISION, scale: 0 };
  return { precision: PRECISIONS[type.name] ?? 0, scale: 0 };
}
