import type { AttributeDefinition, KeySchemaElement } from '@aws-sdk/client-dynamodb';

interface Keyed {
  readonly keySchema: readonly KeySchemaElement[];
  readonly attributes: readonly AttributeDefinition[];
  readonly globalIndexes: readonly Index[];
  readonly localIndexes: readonly Index[];
}

interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
}

/** Lists the reasons why DynamoDB would refuse the keys. Index keys of several attributes are refused too. */
export function keyProblems({ keySchema, attributes, globalIndexes, localIndexes }: Keyed): string[] {
  const indexes = [...globalIndexes, ...localIndexes];
  const keys = [
    ['KeySchema', keySchema] as const,
    ...indexes.map(({ IndexName, KeySchema }) => [`KeySchema of index ${IndexName}`, KeySchema] as const),
  ];
  const hashOf = (schema: readonly KeySchemaElement[]): string | undefined => schema[0]?.AttributeName;
  const used = new Set(keys.flatMap(([, schema]) => schema.map(({ AttributeName }) => AttributeName)));
  const defined = attributes.map(({ AttributeName }) => AttributeName);
  const names = indexes.map(({ IndexName }) => IndexName);
  return [
    ...keys
      .filter(([, schema]) => !['HASH', 'HASH,RANGE'].includes(schema.map(({ KeyType }) => KeyType).join()))
      .map(([place, schema]) => `${place} is ${JSON.stringify(schema)}, not one HASH and at most one RANGE`),
    ...localIndexes
      .filter(({ KeySchema }) => hashOf(KeySchema) !== hashOf(keySchema) || KeySchema.length !== 2)
      .map(({ IndexName }) => `the local index ${IndexName} must have the table's HASH and a RANGE`),
    ...[...used]
      .filter((name) => !defined.includes(name))
      .map((name) => `AttributeDefinitions lacks ${name}, which is in a key`),
    ...defined
      .filter((name, at) => !used.has(name) || defined.indexOf(name) < at)
      .map(
        (name) =>
          `AttributeDefinitions has ${name}, which is not in a key, or is defined twice; leave it out`,
      ),
    ...names
      .filter((name, at) => names.indexOf(name) < at)
      .map((name) => `two indexes have the name ${name}`),
  ];
}
