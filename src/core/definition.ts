import type { Shape } from '../contract/payloads';
import { DefinitionRefused } from './errors';
import { parseTableName, quoteTable } from './identifier';

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

export interface TableMapping {
  /** `schema.table`, as SQL would write it. */
  readonly source: string;
  /** `schema.table`, as SQL would write it. */
  readonly target: string;
  /** Source columns of a unique, not-null key. @default the primary key */
  readonly key?: readonly string[];
  /** Target column → source column, where the names differ. @default every source column keeps its name */
  readonly columns?: Readonly<Record<string, string>>;
  /** Source columns that stay behind. @default none */
  readonly omit?: readonly string[];
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
  readonly columns: Readonly<Record<string, string>>;
  readonly omit: readonly string[];
  readonly chunking: Chunking & { readonly rows: number };
  readonly existingRows: 'refuse' | 'replace';
}

const SHAPES: readonly Shape[] = ['offline', 'cdc'];
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
const MAPPING = ['source', 'target', 'key', 'columns', 'omit', 'chunking', 'existingRows'];

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
      definition.shape === 'cdc' ? (definition.fence?.seconds ?? 5) : (definition.fence?.minutes ?? 240) * 60,
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
  return SHAPES.includes(shape)
    ? []
    : [`shape is ${JSON.stringify(shape)}; this version moves 'offline' and 'cdc'`];
}

/** What a shape has no use for is a misunderstanding, not a detail. */
function shapeFieldProblems(definition: MigrationDefinition): string[] {
  const { shape, fence, capture, sync } = definition;
  const foreign = {
    'fence.minutes': shape === 'cdc' && fence?.minutes !== undefined,
    'fence.seconds': shape === 'offline' && fence?.seconds !== undefined,
    capture: shape === 'offline' && capture !== undefined,
    sync: shape === 'offline' && sync !== undefined,
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

function mappingProblems(path: string, mapping: TableMapping): string[] {
  if (!isObject(mapping)) return [`${path} is ${JSON.stringify(mapping)}; give a mapping`];
  const kinds = [
    ...(['key', 'omit'] as const).flatMap((field) => listProblems(`${path}.${field}`, mapping[field] ?? [])),
    ...fieldProblems(`${path}.columns`, mapping.columns),
    ...fieldProblems(`${path}.chunking`, mapping.chunking, ['rows', 'by']),
  ];
  if (kinds.length > 0) return kinds;
  const nameOf = (side: 'source' | 'target') =>
    typeof mapping[side] === 'string' && parseTableName(mapping[side])
      ? []
      : [
          `${path}.${side} is ${JSON.stringify(mapping[side])}; write schema.table (quote what SQL would quote)`,
        ];
  return [
    ...unknownFields(path, mapping, MAPPING),
    ...nameOf('source'),
    ...nameOf('target'),
    ...(mapping.key?.length === 0 ? [`${path}.key is empty; name its columns or leave it out`] : []),
    ...duplicates(mapping.key ?? []).map((column) => `${path}.key names ${column} twice; name it once`),
    ...duplicates(Object.values(mapping.columns ?? {})).map(
      (column) => `${path}.columns takes source column ${column} twice; take it once`,
    ),
    ...(mapping.omit ?? [])
      .filter(
        (column) =>
          mapping.key?.includes(column) ||
          mapping.chunking?.by === column ||
          Object.values(mapping.columns ?? {}).includes(column),
      )
      .map(
        (column) => `${path}.omit leaves out ${column}, which the mapping uses; keep it or remove the use`,
      ),
    ...boundProblems(`${path}.chunking.rows`, mapping.chunking?.rows, 100, 10_000_000),
    ...(mapping.existingRows === undefined || ['refuse', 'replace'].includes(mapping.existingRows)
      ? []
      : [`${path}.existingRows is ${JSON.stringify(mapping.existingRows)}; use 'refuse' or 'replace'`]),
  ];
}

function boundProblems(path: string, value: number | undefined, min: number, max: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [`${path} is ${JSON.stringify(value)}; use a whole number from ${min} to ${max}`];
}

function unknownFields(path: string, value: object, known: readonly string[]): string[] {
  return Object.keys(value ?? {})
    .filter((field) => !known.includes(field))
    .map((field) => `${path} has an unknown field ${JSON.stringify(field)}; known are ${known.join(', ')}`);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of an optional part of the definition; any field is known where none is named. */
function fieldProblems(path: string, value: object | undefined, known?: readonly string[]): string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [`${path} is ${JSON.stringify(value)}; give an object`];
  return known ? unknownFields(path, value, known) : [];
}

function listProblems(path: string, value: unknown): string[] {
  const fits = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  return fits ? [] : [`${path} is ${JSON.stringify(value)}; give a list of names`];
}

const duplicates = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
