/** A table as the database knows it. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

const PART = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*)';
const QUALIFIED = new RegExp(`^(${PART})\\.(${PART})$`);

/** PostgreSQL keeps at most 63 bytes of a name (NAMEDATALEN - 1). */
const NAME_BYTES_MAX = 63;

/**
 * Reads `schema.table` as SQL would: unquoted parts fold to lower case, quoted parts are taken as they are.
 * Null if the text is not a qualified name or a part is longer than PostgreSQL keeps.
 */
export function parseTableName(text: string): TableName | null {
  const match = QUALIFIED.exec(text);
  if (!match) return null;
  const [schema, name] = [unquote(match[1]!), unquote(match[2]!)];
  const fits = [schema, name].every((part) => Buffer.byteLength(part) <= NAME_BYTES_MAX);
  return fits ? { schema, name } : null;
}

const unquote = (part: string): string =>
  part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase();

/** The one place where an identifier becomes SQL. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const quoteTable = (table: TableName): string =>
  `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
