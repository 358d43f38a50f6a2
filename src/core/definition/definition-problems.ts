import { shapeNames, traitsOf, type Shape } from '../../contract/lifecycle';
import { parseTableName, quoteTable } from '../identifier';
import {
  boundProblems,
  duplicates,
  fieldProblems,
  isObject,
  listProblems,
  unknownFields,
} from './definition-fields';
import { endpointProblems } from './endpoint-problems';
import { mappingProblems } from './mapping-problems';
import type { MigrationDefinition } from './migration-definition';
import { BOUNDS } from './setting-bounds';
import type { TableMapping } from './table-mapping';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const TOP_LEVEL = [
  'name',
  'shape',
  'source',
  'target',
  'targetSchema',
  'tables',
  'throttle',
  'fence',
  'capture',
  'sync',
];

/** Lists every problem of a definition, each with its remedy. */
export function definitionProblems(definition: MigrationDefinition): string[] {
  if (!isObject(definition)) {
    return [`the definition is ${JSON.stringify(definition)}. Pass an object to defineMigration`];
  }
  return [
    ...unknownFields('the definition', definition, TOP_LEVEL),
    ...nameProblems(definition),
    ...shapeProblems(definition),
    ...endpointProblems(definition),
    ...schemaFileProblems(definition),
    ...tableProblems(definition),
    ...fieldProblems('throttle', definition.throttle, ['copiersMax', 'rowsPerSecondMax']),
    ...boundsOf('throttle.copiersMax', definition.throttle?.copiersMax),
    ...boundsOf('throttle.rowsPerSecondMax', definition.throttle?.rowsPerSecondMax),
    ...fieldProblems('fence', definition.fence, ['minutes', 'seconds']),
    ...boundsOf('fence.minutes', definition.fence?.minutes),
    ...boundsOf('fence.seconds', definition.fence?.seconds),
    ...fieldProblems('capture', definition.capture, ['logMegabytesMax']),
    ...boundsOf('capture.logMegabytesMax', definition.capture?.logMegabytesMax),
    ...fieldProblems('sync', definition.sync, ['appliersMax']),
    ...boundsOf('sync.appliersMax', definition.sync?.appliersMax),
    ...shapeFieldProblems(definition),
  ];
}

const boundsOf = (path: keyof typeof BOUNDS, value: number | undefined): string[] =>
  boundProblems(path, value, BOUNDS[path].min, BOUNDS[path].max);

function nameProblems({ name }: MigrationDefinition): string[] {
  if (typeof name === 'string' && NAME.test(name)) return [];
  return [
    `name is ${JSON.stringify(name)}. Use 1 to 40 lower-case letters, digits and hyphens, starting with a letter, equal to the file's name`,
  ];
}

function shapeProblems({ shape }: MigrationDefinition): string[] {
  return isShape(shape)
    ? []
    : [
        `shape is ${JSON.stringify(shape)}. Use ${shapeNames()
          .map((name) => `'${name}'`)
          .join(' or ')}`,
      ];
}

const isShape = (shape: unknown): shape is Shape => (shapeNames() as readonly unknown[]).includes(shape);

/** Refuses settings that the shape does not use, because the author expects an effect that they do not have. */
function shapeFieldProblems(definition: MigrationDefinition): string[] {
  const { shape, fence, capture, sync } = definition;
  if (!isShape(shape)) return [];
  const { fences, capturesChanges } = traitsOf(shape);
  const unused = {
    'fence.minutes': fences === 'cutover' && fence?.minutes !== undefined,
    'fence.seconds': fences === 'first' && fence?.seconds !== undefined,
    capture: !capturesChanges && capture !== undefined,
    sync: !capturesChanges && sync !== undefined,
  };
  return Object.entries(unused)
    .filter(([, given]) => given)
    .map(([field]) => `${field} has no effect in shape '${shape}'. Remove it`);
}

function schemaFileProblems({ targetSchema = [] }: MigrationDefinition): string[] {
  const kind = listProblems('targetSchema', targetSchema);
  if (kind.length > 0) return kind;
  return targetSchema
    .filter((file) => !/^[A-Za-z0-9_-][A-Za-z0-9_./-]*\.sql$/.test(file) || file.includes('..'))
    .map(
      (file) =>
        `targetSchema names ${JSON.stringify(file)}. Give a .sql file below migrations/, without '..'`,
    );
}

function tableProblems({ tables }: MigrationDefinition): string[] {
  if (!Array.isArray(tables) || tables.length === 0) return ['tables is empty. Map at least one table'];
  return [
    ...(tables as readonly TableMapping[]).flatMap((mapping, index) =>
      mappingProblems(`tables[${index}]`, mapping),
    ),
    ...(['source', 'target'] as const).flatMap((side) =>
      duplicates(tables.map((mapping: TableMapping | null) => canonical(mapping?.[side]))).map(
        (name) => `${side} table ${name} is mapped twice. Map it once`,
      ),
    ),
  ];
}

/** Quotes a table name, so that different spellings compare equal. An unreadable name is returned unchanged. */
function canonical(name: unknown): string {
  const table = typeof name === 'string' ? parseTableName(name) : null;
  return table ? quoteTable(table) : String(name);
}
