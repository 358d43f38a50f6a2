import { traitsOf } from '../../contract/lifecycle';
import { InvalidDefinition } from '../errors';
import { definitionProblems } from './definition-problems';
import type { Definition, MigrationDefinition } from './migration-definition';

export type {
  Capture,
  Definition,
  Endpoint,
  Fence,
  MigrationDefinition,
  Sync,
  Throttle,
} from './migration-definition';
export { defineRowFunction, type RowFunction } from './row-function';
export type { Chunking, Mapping, SqlExpression, TableMapping } from './table-mapping';

/** Definitions that have their defaults. A file and its loader both call defineMigration; the second call changes nothing. */
const defined = new WeakSet<object>();

/**
 * Checks a definition and fills in its defaults.
 * @throws InvalidDefinition with every problem and its remedy
 */
export function defineMigration(definition: MigrationDefinition): Definition {
  if (isDefined(definition)) return definition;
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw new InvalidDefinition(String(definition?.name), problems);
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
