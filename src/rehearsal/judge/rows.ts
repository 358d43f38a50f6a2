import type { Client } from 'pg';

const FETCH = 'FETCH FORWARD 20000 FROM differences';

export interface HashedRow {
  readonly key: string;
  readonly row: string;
  /** The part of the row that is compared as text, not by its hash. */
  readonly compared: string;
}

/** One side of the comparison: its cursor, and how its texts are translated before they are compared. */
export interface RowSource {
  readonly client: Client;
  readonly openRows: string;
  /** @default the texts are compared unchanged */
  readonly translate?: (texts: readonly string[]) => Promise<readonly string[]>;
}

/** All rows of one key. There is more than one only if the key is not unique on that side. */
interface Group {
  readonly key: string;
  readonly rows: string[];
}

export interface Differences {
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

/**
 * Counts the differing rows of the given buckets. Both sides are read in the order of the keys' hashes, so neither is
 * held in memory.
 * @param excluded hashes of keys to exclude
 */
export async function countDifferences(
  source: RowSource,
  target: RowSource,
  excluded: readonly string[],
  buckets: readonly number[],
): Promise<Differences> {
  for (const { client, openRows } of [source, target]) await client.query(openRows, [excluded, buckets]);
  const [lefts, rights] = [groupsOf(source), groupsOf(target)];
  let [left, right] = [await next(lefts), await next(rights)];
  const total = { missing: 0, extra: 0, different: 0 };
  while (left !== undefined || right !== undefined) {
    const order = compareKeys(left, right);
    const found = compareGroups(order <= 0 ? (left?.rows ?? []) : [], order >= 0 ? (right?.rows ?? []) : []);
    total.missing += found.missing;
    total.extra += found.extra;
    total.different += found.different;
    if (order <= 0) left = await next(lefts);
    if (order >= 0) right = await next(rights);
  }
  for (const { client } of [source, target]) await client.query('CLOSE differences');
  return total;
}

/** Orders two keys; the end of a side sorts last. Hexadecimal hashes of one length sort as their bytes do. */
function compareKeys(left: Group | undefined, right: Group | undefined): number {
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}

function compareGroups(left: readonly string[], right: readonly string[]): Differences {
  const unmatched = [...right];
  let unequal = 0;
  for (const row of left) {
    const at = unmatched.indexOf(row);
    if (at >= 0) unmatched.splice(at, 1);
    else unequal += 1;
  }
  const different = Math.min(unequal, unmatched.length);
  return { missing: unequal - different, extra: unmatched.length - different, different };
}

const next = async (groups: AsyncGenerator<Group>): Promise<Group | undefined> => {
  const result = await groups.next();
  return result.done === true ? undefined : result.value;
};

async function* groupsOf({ client, translate }: RowSource): AsyncGenerator<Group> {
  let group: Group | undefined;
  for (;;) {
    const { rows } = await client.query<HashedRow>(FETCH);
    const texts = rows.map(({ compared }) => compared);
    const translated = translate === undefined ? texts : await translate(texts);
    for (const [index, { key, row }] of rows.entries()) {
      const whole = `${row} ${translated[index] ?? ''}`;
      if (group?.key === key) group.rows.push(whole);
      else {
        if (group !== undefined) yield group;
        group = { key, rows: [whole] };
      }
    }
    if (rows.length === 0) break;
  }
  if (group !== undefined) yield group;
}
