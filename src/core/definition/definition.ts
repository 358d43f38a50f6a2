import { shapeNames, traitsOf, type Shape } from '../../contract/lifecycle';
import { DefinitionRefused } from '../errors';
import {
  boundProblems,
  duplicates,
  fieldProblems,
  isObject,
  listProblems,
  unknownFields,
} from './definition-fields';
import { parseTableName, quoteTable } from '../identifier';
import { mappingProblems } from './mapping-problems';
import type { RowFunction } from './row-function';

export { defineRowFunction, type RowFunction } from './row-function';

/** One database of an environment, as the Data API reaches it. */
export interface Endpoint {
  /** ARN of the Aurora cluster; the Data API talks to its writer. */
  readonly clusterArn: string;
  readonly database: string;
  /** Secret of a login that owns the mapped tables; used to install and to remove, never to move rows. */
  readonly ownerSecretArn: string;
  /** Secret of Sluice's own login: owns nothing, used by nobody else. See docs/guide/roles.sql. */
  readonly workerSecretArn: string;
}

export interface Chunking {
  /** Rows that a chunk should hold; boundaries are sampled, so chunks vary. @default 50000 */
  readonly rows?: number;
  /** A NOT NULL source column (usually a time) that leads the key order of the chunks. @default the key alone */
  readonly by?: string;
}

/**
 * SQL over one source row, which names that table's columns by their bare names, and functions and types outside of
 * pg_catalog with their schema. Immutable: the row alone decides. No subqueries, aggregates or comments.
 */
export interface SqlExpression {
  readonly sql: string;
}

export interface TableMapping {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  /** `schema.table`, as SQL would write it. */
  readonly target: string;
  /** Source columns of a unique, not-null key. @default the primary key */
  readonly key?: readonly string[];
  /**
   * Target column → the source column, or the expression, that it comes from. @default every source column goes to the
   * target column of its name
   */
  readonly columns?: Readonly<Record<string, string | SqlExpression>>;
  /** Source columns that stay behind; expressions, the filter and the row function may still read them. @default none */
  readonly omit?: readonly string[];
  /**
   * A boolean SQL expression over the source row, under the rules of {@link SqlExpression}: only rows for which it is true
   * are the target's. @default all rows
   */
  readonly where?: string;
  /** For what SQL cannot say. @default none */
  readonly rowFunction?: RowFunction;
  readonly chunking?: Chunking;
  /** `replace`: the target may hold rows and is made equal to the source; an abort cannot bring them back. @default 'refuse' */
  readonly existingRows?: 'refuse' | 'replace';
}

export interface Throttle {
  /** Chunks copied at the same time, at most. @default 4 */
  readonly copiersMax?: number;
  /** Rows per second over all copiers, at most. @default no bound */
  readonly rowsPerSecondMax?: number;
}

export interface Fence {
  /** Shape `offline`: after so many minutes the fence on the source opens itself; the migration must be sealed before. @default 240 */
  readonly minutes?: number;
  /** Shape `cdc`: the budget of the cutover, after which the fence opens itself and the cutover is tried again. @default 5 */
  readonly seconds?: number;
}

export interface Capture {
  /** Size of the change log on disk beyond which the capture is given up, so that production goes on. @default 8192 */
  readonly logMegabytesMax?: number;
}

export interface Sync {
  /** Appliers that work at the same time. @default 2 */
  readonly appliersMax?: number;
}

/** What a user writes in `migrations/<name>.ts`. */
export interface MigrationDefinition {
  /** The file's name without `.ts`. */
  readonly name: string;
  /**
   * How the migration moves. `offline`: writes to the source are refused from the fence until the flip. `cdc`: changes are
   * captured and applied while the source serves; writes pause for the cutover only.
   */
  readonly shape: Shape;
  /** Endpoint per environment of cdk.json. */
  readonly source: Readonly<Record<string, Endpoint>>;
  /** Endpoint per environment of cdk.json. */
  readonly target: Readonly<Record<string, Endpoint>>;
  /** SQL files below `migrations/` that make the target's schema, run in order in one transaction. @default it is already there */
  readonly targetSchema?: readonly string[];
  readonly tables: readonly TableMapping[];
  readonly throttle?: Throttle;
  readonly fence?: Fence;
  /** Shape `cdc` only. */
  readonly capture?: Capture;
  /** Shape `cdc` only. */
  readonly sync?: Sync;
}

/** A definition with its defaults filled in. */
export interface Definition extends MigrationDefinition {
  readonly targetSchema: readonly string[];
  readonly tables: readonly Mapping[];
  readonly throttle: Required<Pick<Throttle, 'copiersMax'>> & Throttle;
  /** Life of a fence, in seconds. */
  readonly fenceSeconds: number;
  readonly capture: Required<Capture>;
  readonly sync: Required<Sync>;
}

export interface Mapping extends TableMapping {
  readonly columns: Readonly<Record<string, string | SqlExpression>>;
  readonly omit: readonly string[];
  readonly chunking: Chunking & { readonly rows: number };
  readonly existingRows: 'refuse' | 'replace';
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const CLUSTER_ARN = /^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster:[A-Za-z0-9-]+$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/;
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

/** A file defines its migration, and so does whoever loads the file; what has its defaults already stays what it is. */
const defined = new WeakSet<object>();

/**
 * Checks a definition and fills in its defaults.
 * @throws DefinitionRefused with every problem and its remedy
 */
export function defineMigration(definition: MigrationDefinition): Definition {
  if (isDefined(definition)) return definition;
  const problems = problemsOf(definition);
  if (problems.length > 0) throw new DefinitionRefused(String(definition?.name), problems);
  const complete: Definition = {
    ...definition,
    targetSchema: definition.targetSchema ?? [],
    tables: definition.tables.map((mapping) => ({
      ...mapping,
      columns: mapping.columns ?? {},
      omit: mapping.omit ?? [],
      chunking: { rows: 50_000, ...mapping.chunking },
      existingRows: mapping.existingRows ?? 'refuse',
    })),
    throttle: { copiersMax: 4, ...definition.throttle },
    fenceSeconds:
      traitsOf(definition.shape).fences === 'cutover'
        ? (definition.fence?.seconds ?? 5)
        : (definition.fence?.minutes ?? 240) * 60,
    capture: { logMegabytesMax: 8_192, ...definition.capture },
    sync: { appliersMax: 2, ...definition.sync },
  };
  defined.add(complete);
  return complete;
}

const isDefined = (definition: MigrationDefinition): definition is Definition => defined.has(definition);

function problemsOf(definition: MigrationDefinition): string[] {
  if (!isObject(definition)) {
    return [`the definition is ${JSON.stringify(definition)}; pass an object to defineMigration`];
  }
  return [
    ...unknownFields('the definition', definition, TOP_LEVEL),
    ...nameProblems(definition),
    ...shapeProblems(definition),
    ...endpointProblems(definition),
    ...schemaFileProblems(definition),
    ...tableProblems(definition),
    ...fieldProblems('throttle', definition.throttle, ['copiersMax', 'rowsPerSecondMax']),
    ...boundProblems('throttle.copiersMax', definition.throttle?.copiersMax, 1, 1_000),
    ...boundProblems('throttle.rowsPerSecondMax', definition.throttle?.rowsPerSecondMax, 1, 10_000_000),
    ...fieldProblems('fence', definition.fence, ['minutes', 'seconds']),
    ...boundProblems('fence.minutes', definition.fence?.minutes, 1, 10_080),
    ...boundProblems('fence.seconds', definition.fence?.seconds, 1, 300),
    ...fieldProblems('capture', definition.capture, ['logMegabytesMax']),
    ...boundProblems('capture.logMegabytesMax', definition.capture?.logMegabytesMax, 16, 1_048_576),
    ...fieldProblems('sync', definition.sync, ['appliersMax']),
    ...boundProblems('sync.appliersMax', definition.sync?.appliersMax, 1, 16),
    ...shapeFieldProblems(definition),
  ];
}

function nameProblems({ name }: MigrationDefinition): string[] {
  if (typeof name === 'string' && NAME.test(name)) return [];
  return [
    `name is ${JSON.stringify(name)}; use 1 to 40 lower-case letters, digits and hyphens, a letter first, equal to the file's name`,
  ];
}

function shapeProblems({ shape }: MigrationDefinition): string[] {
  return isShape(shape)
    ? []
    : [
        `shape is ${JSON.stringify(shape)}; use ${shapeNames()
          .map((name) => `'${name}'`)
          .join(' or ')}`,
      ];
}

const isShape = (shape: unknown): shape is Shape => (shapeNames() as readonly unknown[]).includes(shape);

/** A setting that the shape does not use is a misunderstanding, not a detail. */
function shapeFieldProblems(definition: MigrationDefinition): string[] {
  const { shape, fence, capture, sync } = definition;
  if (!isShape(shape)) return [];
  const { fences, capturesChanges } = traitsOf(shape);
  const foreign = {
    'fence.minutes': fences === 'cutover' && fence?.minutes !== undefined,
    'fence.seconds': fences === 'first' && fence?.seconds !== undefined,
    capture: !capturesChanges && capture !== undefined,
    sync: !capturesChanges && sync !== undefined,
  };
  return Object.entries(foreign)
    .filter(([, given]) => given)
    .map(([field]) => `${field} means nothing for shape '${shape}'; leave it out`);
}

function endpointProblems(definition: MigrationDefinition): string[] {
  const sides = { source: definition.source, target: definition.target };
  const problems = Object.entries(sides).flatMap(([side, endpoints]) => {
    const environments = Object.entries(isObject(endpoints) ? endpoints : {});
    if (environments.length === 0) return [`${side} names no environment; give one endpoint per environment`];
    return environments.flatMap(([environment, endpoint]) =>
      endpointFieldProblems(`${side}.${environment}`, endpoint),
    );
  });
  const [left, right] = [definition.source ?? {}, definition.target ?? {}].map((side) => Object.keys(side));
  for (const environment of new Set([...left!, ...right!])) {
    if (!left!.includes(environment))
      problems.push(`target.${environment} has no source.${environment}; add it`);
    if (!right!.includes(environment))
      problems.push(`source.${environment} has no target.${environment}; add it`);
  }
  return problems;
}

function endpointFieldProblems(path: string, endpoint: Endpoint): string[] {
  if (!isObject(endpoint)) return [`${path} is ${JSON.stringify(endpoint)}; give an endpoint`];
  const arn = (field: 'clusterArn' | 'ownerSecretArn' | 'workerSecretArn', pattern: RegExp, kind: string) =>
    pattern.test(endpoint[field] ?? '')
      ? []
      : [`${path}.${field} is ${JSON.stringify(endpoint[field])}; give the ARN of ${kind}`];
  return [
    ...unknownFields(path, endpoint, ['clusterArn', 'database', 'ownerSecretArn', 'workerSecretArn']),
    ...arn('clusterArn', CLUSTER_ARN, 'an Aurora cluster'),
    ...arn('ownerSecretArn', SECRET_ARN, 'a Secrets Manager secret'),
    ...arn('workerSecretArn', SECRET_ARN, 'a Secrets Manager secret'),
    ...(endpoint.database ? [] : [`${path}.database is empty; name the database`]),
    ...(endpoint.ownerSecretArn && endpoint.ownerSecretArn === endpoint.workerSecretArn
      ? [`${path} uses one secret as owner and worker; give Sluice a login of its own (docs/guide/roles.sql)`]
      : []),
  ];
}

function schemaFileProblems({ targetSchema = [] }: MigrationDefinition): string[] {
  const kind = listProblems('targetSchema', targetSchema);
  if (kind.length > 0) return kind;
  return targetSchema
    .filter((file) => !/^[A-Za-z0-9_-][A-Za-z0-9_./-]*\.sql$/.test(file) || file.includes('..'))
    .map(
      (file) =>
        `targetSchema names ${JSON.stringify(file)}; give a .sql file below migrations/, without '..'`,
    );
}

function tableProblems({ tables }: MigrationDefinition): string[] {
  if (!Array.isArray(tables) || tables.length === 0) return ['tables is empty; map at least one table'];
  return [
    ...(tables as readonly TableMapping[]).flatMap((mapping, index) =>
      mappingProblems(`tables[${index}]`, mapping),
    ),
    ...(['source', 'target'] as const).flatMap((side) =>
      duplicates(tables.map((mapping: TableMapping | null) => canonical(mapping?.[side]))).map(
        (name) => `${side} table ${name} is mapped twice; map it once`,
      ),
    ),
  ];
}

/** One spelling for every spelling of a table's name; a name that cannot be read stays what it is. */
function canonical(name: unknown): string {
  const table = typeof name === 'string' ? parseTableName(name) : null;
  return table ? quoteTable(table) : String(name);
}
