import {
  boundProblems,
  duplicates,
  fieldProblems,
  isObject,
  listProblems,
  unknownFields,
} from './definition-fields';
import { parseTableName } from '../identifier';
import type { RowFunction } from './row-function';
import { expressionProblem } from './sql-text';
import type { SqlExpression, TableMapping } from './table-mapping';

const MAPPING = [
  'source',
  'target',
  'key',
  'columns',
  'omit',
  'where',
  'rowFunction',
  'chunking',
  'existingRows',
];
/** Limit for all expressions of one table: a statement has at most 65,536 characters and may contain each of them twice. */
const EXPRESSIONS_CHARACTERS_MAX = 16_000;

/** Lists every problem of one mapping, independent of the others. */
export function mappingProblems(path: string, mapping: TableMapping): string[] {
  if (!isObject(mapping)) return [`${path} is ${JSON.stringify(mapping)}. Give a mapping`];
  const wrongTypes = typeProblems(path, mapping);
  if (wrongTypes.length > 0) return wrongTypes;
  return [
    ...unknownFields(path, mapping, MAPPING),
    ...tableNameProblems(path, mapping),
    ...columnProblems(path, mapping),
    ...expressionProblems(path, mapping),
    ...rowFunctionProblems(path, mapping),
    ...keyProblems(path, mapping),
    ...boundProblems(`${path}.chunking.rows`, mapping.chunking?.rows, 100, 10_000_000),
    ...(mapping.existingRows === undefined || ['refuse', 'replace'].includes(mapping.existingRows)
      ? []
      : [`${path}.existingRows is ${JSON.stringify(mapping.existingRows)}. Use 'refuse' or 'replace'`]),
  ];
}

/** Fields whose type is wrong, which the other checks cannot read. */
function typeProblems(path: string, { columns, rowFunction, ...mapping }: TableMapping): string[] {
  const isColumn = (value: unknown) =>
    (typeof value === 'string' && value !== '') ||
    (isObject(value) && Object.keys(value as object).join() === 'sql');
  return [
    ...(['key', 'omit'] as const).flatMap((field) => listProblems(`${path}.${field}`, mapping[field] ?? [])),
    ...fieldProblems(`${path}.columns`, columns),
    ...Object.entries(isObject(columns) ? columns! : {})
      .filter(([, value]) => !isColumn(value))
      .map(
        ([target, value]) =>
          `${path}.columns.${target} is ${JSON.stringify(value)}. Name a source column, or give { sql: '…' }`,
      ),
    ...fieldProblems(`${path}.chunking`, mapping.chunking, ['rows', 'by']),
    ...fieldProblems(`${path}.rowFunction`, rowFunction, ['reads', 'writes', 'apply']),
    ...(isObject(rowFunction)
      ? (['reads', 'writes'] as const).flatMap((field) =>
          listProblems(`${path}.rowFunction.${field}`, rowFunction![field]),
        )
      : []),
  ];
}

const tableNameProblems = (path: string, mapping: TableMapping): string[] =>
  (['source', 'target'] as const)
    .filter((side) => typeof mapping[side] !== 'string' || !parseTableName(mapping[side]))
    .map(
      (side) => `${path}.${side} is ${JSON.stringify(mapping[side])}. Write schema.table, quoted as in SQL`,
    );

/** Source columns that `columns` renames. */
const renamedColumns = ({ columns = {} }: TableMapping): string[] =>
  Object.values(columns).filter((from) => typeof from === 'string');

function columnProblems(path: string, mapping: TableMapping): string[] {
  const { key = [], omit = [], chunking } = mapping;
  const used = [...key, ...renamedColumns(mapping), ...(chunking?.by === undefined ? [] : [chunking.by])];
  return [
    ...(mapping.key?.length === 0 ? [`${path}.key is empty. Name its columns, or remove it`] : []),
    ...duplicates(key).map((column) => `${path}.key names ${column} twice. Name it once`),
    ...duplicates(renamedColumns(mapping)).map(
      (column) => `${path}.columns maps source column ${column} twice. Map it once`,
    ),
    ...omit
      .filter((column) => used.includes(column))
      .map(
        (column) =>
          `${path}.omit names ${column}, which the mapping uses. Remove it from omit, or remove the use`,
      ),
  ];
}

const expressionsOf = ({ columns = {} }: TableMapping): [target: string, sql: string][] =>
  Object.entries(columns).flatMap(([target, from]) =>
    typeof from === 'string' ? [] : [[target, (from satisfies SqlExpression).sql]],
  );

function expressionProblems(path: string, mapping: TableMapping): string[] {
  const texts = [
    ...expressionsOf(mapping).map(([target, sql]) => [`${path}.columns.${target}.sql`, sql] as const),
    ...(mapping.where === undefined ? [] : [[`${path}.where`, mapping.where] as const]),
  ];
  const problems = texts.flatMap(([field, sql]) => {
    const why = expressionProblem(sql);
    return why === null ? [] : [`${field} is ${JSON.stringify(sql)?.slice(0, 200)}: ${why}`];
  });
  const characters = texts.reduce((sum, [, sql]) => sum + String(sql).length, 0);
  return problems.length > 0 || characters <= EXPRESSIONS_CHARACTERS_MAX
    ? problems
    : [
        `${path} has ${characters} characters of expressions. Write at most ${EXPRESSIONS_CHARACTERS_MAX}, or use a row function`,
      ];
}

function rowFunctionProblems(path: string, { rowFunction, columns = {} }: TableMapping): string[] {
  if (rowFunction === undefined) return [];
  const { reads, writes } = rowFunction;
  const field = `${path}.rowFunction`;
  return [
    ...(reads.length === 0
      ? [`${field}.reads is empty. Name the source columns that the function reads`]
      : []),
    ...(writes.length === 0
      ? [`${field}.writes is empty. Name the target columns that the function computes`]
      : []),
    ...(['reads', 'writes'] as const).flatMap((list) =>
      duplicates(rowFunction[list]).map((column) => `${field}.${list} names ${column} twice. Name it once`),
    ),
    ...writes
      .filter((column) => Object.hasOwn(columns, column))
      .map((column) => `${field}.writes and columns both name ${column}. Keep one of them`),
    ...applyProblems(field, rowFunction),
  ];
}

function applyProblems(field: string, rowFunction: RowFunction): string[] {
  if (typeof rowFunction.apply !== 'function')
    return [`${field}.apply is ${JSON.stringify(rowFunction.apply)}. Give a function`];
  const kind = rowFunction.apply.constructor.name;
  return kind === 'Function' ? [] : [`${field}.apply is an ${kind}. Make it a plain synchronous function`];
}

/** Refuses computed keys, because both ends range and compare keys unchanged. Preflight checks a primary key. */
function keyProblems(path: string, mapping: TableMapping): string[] {
  const { key = [], chunking, columns = {}, rowFunction } = mapping;
  const renamed = renamedColumns(mapping);
  const by = chunking?.by === undefined ? [] : [chunking.by];
  return [...new Set([...key, ...by])]
    .filter((column) => !renamed.includes(column))
    .filter((column) => typeof columns[column] === 'object' || rowFunction?.writes.includes(column))
    .map(
      (column) =>
        `${path} orders its chunks by ${column}, but computes target column ${column}. Map the key unchanged to another column in columns, or choose another key`,
    );
}
