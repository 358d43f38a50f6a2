/** Tables that changes are made to, and the changes that an application makes, of rows 1 to 12. */
export const ROWS = 12;

export interface Op {
  readonly kind: 'insert' | 'update' | 'delete' | 'rekey' | 'swap' | 'hand over' | 'rotate' | 'all';
  readonly row: number;
  readonly other: number;
  /** A number that is in the value. */
  readonly n: number;
  /** The value is large: it is sent in slices. */
  readonly large: boolean;
}

export interface Scene {
  readonly table: string;
  readonly ddl: string;
  /** Puts the first rows in. */
  readonly seed: string;
  readonly boundaries: readonly string[];
  readonly by?: string;
  sql(op: Op): string;
}

const value = ({ n, large }: Op): string => `'${n}${large ? '-'.repeat(200) : ''}'`;

/** A table whose rows also differ in another unique column: one partition, and values that change hands. */
const mails: Scene = {
  table: 'mails',
  ddl: 'CREATE TABLE mails (id int PRIMARY KEY, mail text NOT NULL UNIQUE, v text)',
  seed: `INSERT INTO mails SELECT n, 'm' || n, '0' FROM generate_series(2, 11) AS n`,
  boundaries: ['{4}', '{8}'],
  sql: (op) => {
    const { kind, row, other } = op;
    const mail = (id: number) => `(SELECT mail FROM mails WHERE id = ${id})`;
    /** Swaps values within one transaction, as applications do, through an unused value. */
    const rotate = (
      ids: readonly number[],
    ) => `DO $$ DECLARE given text[] = ARRAY[${ids.map(mail).join(', ')}]; BEGIN
      IF array_position(given, NULL) IS NOT NULL THEN RETURN; END IF;
      UPDATE mails SET mail = 'between' || id WHERE id IN (${ids.join(', ')});
      ${ids.map((id, index) => `UPDATE mails SET mail = given[${((index + 1) % ids.length) + 1}] WHERE id = ${id};`).join(' ')} END $$`;
    switch (kind) {
      case 'insert':
        return `INSERT INTO mails VALUES (${row}, 'm${other}', ${value(op)}) ON CONFLICT DO NOTHING`;
      case 'update':
        return `UPDATE mails SET v = ${value(op)} WHERE id = ${row}`;
      case 'delete':
        return `DELETE FROM mails WHERE id = ${row}`;
      case 'rekey':
        return `UPDATE mails SET id = ${other} WHERE id = ${row} AND NOT EXISTS (SELECT FROM mails WHERE id = ${other})`;
      case 'swap':
        return rotate([row, (row % ROWS) + 1]);
      case 'rotate':
        return rotate([row, (row % ROWS) + 1, ((row + 1) % ROWS) + 1]);
      case 'hand over':
        return `DO $$ DECLARE given text = ${mail(row)}; BEGIN DELETE FROM mails WHERE id = ${row};
          INSERT INTO mails VALUES (${other}, coalesce(given, 'm${other}'), ${value(op)}) ON CONFLICT DO NOTHING; END $$`;
      case 'all':
        return `UPDATE mails SET v = ${value(op)}`;
    }
  },
};

/** A composite key, four partitions. */
const pairs: Scene = {
  table: 'pairs',
  ddl: 'CREATE TABLE pairs (a int, b text, v text, w text, PRIMARY KEY (a, b))',
  seed: `INSERT INTO pairs SELECT n / 3, 'b' || n % 3, '0', '0' FROM generate_series(2, 11) AS n`,
  boundaries: ['{1,b1}', '{2,b2}'],
  sql: (op) => {
    const key = (row: number) => `${Math.floor(row / 3)}, 'b${row % 3}'`;
    const is = (row: number) => `(a, b) = (${key(row)})`;
    switch (op.kind) {
      case 'insert':
      case 'hand over':
        return `INSERT INTO pairs VALUES (${key(op.row)}, ${value(op)}, ${value(op)}) ON CONFLICT DO NOTHING`;
      case 'update':
        return `UPDATE pairs SET v = ${value(op)}, w = ${value(op)} WHERE ${is(op.row)}`;
      case 'delete':
        return `DELETE FROM pairs WHERE ${is(op.row)}`;
      case 'rekey':
        return `UPDATE pairs SET (a, b) = (SELECT ${key(op.other)}) WHERE ${is(op.row)} AND NOT EXISTS (SELECT FROM pairs WHERE ${is(op.other)})`;
      case 'swap':
      case 'rotate':
        return `UPDATE pairs SET v = w, w = ${value(op)} WHERE ${is(op.row)} OR ${is(op.other)}`;
      case 'all':
        return `UPDATE pairs SET v = ${value(op)}`;
    }
  },
};

/** Chunks in the order of another column than the key: a row that changes it is in another chunk, and the same row. */
const times: Scene = {
  table: 'times',
  ddl: 'CREATE TABLE times (id int PRIMARY KEY, at int NOT NULL, v text); CREATE INDEX ON times (at, id)',
  seed: `INSERT INTO times SELECT n, n, '0' FROM generate_series(2, 11) AS n`,
  boundaries: ['{4,4}', '{8,8}'],
  by: 'at',
  sql: (op) => {
    switch (op.kind) {
      case 'insert':
        return `INSERT INTO times VALUES (${op.row}, ${op.other}, ${value(op)}) ON CONFLICT DO NOTHING`;
      case 'update':
        return `UPDATE times SET v = ${value(op)} WHERE id = ${op.row}`;
      case 'delete':
        return `DELETE FROM times WHERE id = ${op.row}`;
      case 'hand over':
      case 'rekey':
        return `UPDATE times SET id = ${op.other} WHERE id = ${op.row} AND NOT EXISTS (SELECT FROM times WHERE id = ${op.other})`;
      case 'swap':
      case 'rotate':
        return `UPDATE times SET at = ${op.other}, v = ${value(op)} WHERE id = ${op.row}`;
      case 'all':
        return `UPDATE times SET v = ${value(op)}`;
    }
  },
};

export const SCENES: readonly Scene[] = [mails, pairs, times];
