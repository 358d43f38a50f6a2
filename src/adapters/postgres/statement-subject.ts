const FUNCTION = /\bsluice\.\w+(?=\()/;
const TABLE = /"(?:[^"]|"")+"\."(?:[^"]|"")+"/;

/** The function or table that a statement of Sluice's uses first, or null. Its text contains names, and rows only as parameters. */
export function statementSubject(sql: string): string | null {
  const name = FUNCTION.exec(sql)?.[0];
  if (name !== undefined) return `function ${name}`;
  const table = TABLE.exec(sql)?.[0];
  return table === undefined ? null : `table ${table}`;
}
