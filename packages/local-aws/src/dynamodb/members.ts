/** Lists the nested members of requests that dynalite supports. It would silently drop any other. */

/** Members by name; null: its content is not checked. `*` is any name. The elements of a list share one entry. */
interface Members {
  readonly [name: string]: Members | null;
}

const membersOf = (...names: readonly string[]): Members =>
  Object.fromEntries(names.map((name) => [name, null] as const));

const VALUE: Record<string, Members | null> = {
  ...membersOf('S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS'),
};
const ATTRIBUTES: Members = { '*': VALUE };
VALUE['L'] = VALUE;
VALUE['M'] = ATTRIBUTES;

const KEY_SCHEMA = membersOf('AttributeName', 'KeyType');
/** Without the throughput of a global index, which this engine would not enforce. */
const INDEX: Members = {
  IndexName: null,
  KeySchema: KEY_SCHEMA,
  Projection: membersOf('ProjectionType', 'NonKeyAttributes'),
};
/** Omits AttributesToGet deliberately, as it omits the legacy parameters of other operations. */
const KEYS: Members = {
  Keys: ATTRIBUTES,
  ...membersOf('ConsistentRead', 'ExpressionAttributeNames', 'ProjectionExpression'),
};
const WRITE: Members = { PutRequest: { Item: ATTRIBUTES }, DeleteRequest: { Key: ATTRIBUTES } };

const COMMON: Members = {
  ExclusiveStartKey: ATTRIBUTES,
  ExpressionAttributeValues: ATTRIBUTES,
  Item: ATTRIBUTES,
  Key: ATTRIBUTES,
};

const WITHIN: Readonly<Record<string, Members>> = {
  BatchGetItem: { RequestItems: { '*': KEYS } },
  BatchWriteItem: { RequestItems: { '*': WRITE } },
  CreateTable: {
    AttributeDefinitions: membersOf('AttributeName', 'AttributeType'),
    GlobalSecondaryIndexes: INDEX,
    KeySchema: KEY_SCHEMA,
    LocalSecondaryIndexes: INDEX,
  },
  TagResource: { Tags: membersOf('Key', 'Value') },
};

/** Finds unknown members inside the parameters of a request. Returns the place of each and the members known there. */
export function unknownMembers(
  operation: string,
  request: Readonly<Record<string, unknown>>,
): { readonly place: string; readonly known: readonly string[] }[] {
  const within = { ...COMMON, ...WITHIN[operation] };
  return Object.entries(request).flatMap(([name, value]) => unknownIn(value, within[name] ?? null, name));
}

function unknownIn(
  value: unknown,
  members: Members | null,
  place: string,
): { readonly place: string; readonly known: readonly string[] }[] {
  if (members === null || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => unknownIn(item, members, `${place}[${index}]`));
  return Object.entries(value).flatMap(([name, member]) => {
    const here = `${place}.${name}`;
    const next = Object.hasOwn(members, name) ? members[name] : members['*'];
    return next === undefined
      ? [{ place: here, known: Object.keys(members) }]
      : unknownIn(member, next, here);
  });
}
