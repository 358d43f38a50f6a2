/** Maps PostgreSQL types to their form in a result. Other types are unsupported, as in the real service. */

export type Kind =
  'boolean' | 'long' | 'double' | 'decimal' | 'blob' | 'text' | 'date' | 'timestamp' | 'timestamptz';

export interface ResultType {
  readonly name: string;
  readonly kind: Kind;
  /** If true, `kind` is that of the elements. */
  readonly isArray: boolean;
  /** `java.sql.Types` number, for `columnMetadata`; unverified. */
  readonly jdbcType: number;
  /** `java.sql.Types` number of an array's elements; 0 for other types. */
  readonly jdbcElementType: number;
}

const JDBC_ARRAY = 2003;
const JDBC_OTHER = 1111;
const JDBC_VARCHAR = 12;

/** name, kind, OID, OID of the array type (0: arrays of it are not supported), `java.sql.Types` number. */
const SUPPORTED: readonly (readonly [string, Kind, number, number, number])[] = [
  ['bool', 'boolean', 16, 1000, -7],
  ['bytea', 'blob', 17, 0, -2],
  ['name', 'text', 19, 1003, JDBC_VARCHAR],
  ['int8', 'long', 20, 1016, -5],
  ['int2', 'long', 21, 1005, 5],
  ['int4', 'long', 23, 1007, 4],
  ['text', 'text', 25, 1009, JDBC_VARCHAR],
  ['json', 'text', 114, 199, JDBC_OTHER],
  ['cidr', 'text', 650, 0, JDBC_OTHER],
  ['float4', 'double', 700, 1021, 7],
  ['float8', 'double', 701, 1022, 8],
  ['inet', 'text', 869, 0, JDBC_OTHER],
  ['bpchar', 'text', 1042, 1014, 1],
  ['varchar', 'text', 1043, 1015, JDBC_VARCHAR],
  ['date', 'date', 1082, 1182, 91],
  ['time', 'text', 1083, 1183, 92],
  ['timestamp', 'timestamp', 1114, 1115, 93],
  ['timestamptz', 'timestamptz', 1184, 0, 93],
  ['numeric', 'decimal', 1700, 1231, 2],
  // The documentation lists arrays of UUID and says on the same page that they are unsupported. This is the stricter
  // reading.
  ['uuid', 'text', 2950, 0, JDBC_OTHER],
  ['jsonb', 'text', 3802, 0, JDBC_OTHER],
];

const JDBC_BIT = -7;
const BIT_ARRAY_OID = 1561;

function builtIn(): ReadonlyMap<number, ResultType> {
  const types = new Map<number, ResultType>();
  for (const [name, kind, oid, arrayOid, jdbcType] of SUPPORTED) {
    types.set(oid, { name, kind, isArray: false, jdbcType, jdbcElementType: 0 });
    if (arrayOid !== 0) types.set(arrayOid, arrayOf(name, kind, jdbcType));
  }
  // The documentation lists only arrays of bit, not bit itself.
  types.set(BIT_ARRAY_OID, arrayOf('bit', 'text', JDBC_BIT));
  return types;
}

function arrayOf(name: string, kind: Kind, jdbcElementType: number): ResultType {
  return { name: `_${name}`, kind, isArray: true, jdbcType: JDBC_ARRAY, jdbcElementType };
}

/** By OID. */
export const BUILT_IN_TYPES = builtIn();

/** Returns the type of an enum or of pgvector, which only the catalog knows. */
export function textType(name: string): ResultType {
  return { name, kind: 'text', isArray: false, jdbcType: JDBC_OTHER, jdbcElementType: 0 };
}
