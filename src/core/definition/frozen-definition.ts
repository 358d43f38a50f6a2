/** A definition as it was when a generation started: everything that the generation acts on, without code. */
import { createHash } from 'node:crypto';
import { traitsOf } from '../../contract/lifecycle';
import { RowFunctionFailed } from '../errors';
import type { Definition, Endpoint, Fence, Mapping, RowFunction, Throttle } from './definition';

/** A row function stays in the deployed code; its declared columns and the hash of its own text are frozen. */
export interface FrozenRowFunction {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** SHA-256 of the function's text, hexadecimal. The text excludes what the function calls. */
  readonly hash: string;
}

export interface FrozenMapping extends Omit<Mapping, 'rowFunction'> {
  readonly rowFunction?: FrozenRowFunction;
}

export interface FrozenSchemaFile {
  /** Name below `migrations/`. */
  readonly file: string;
  /** SHA-256 of its text, hexadecimal. */
  readonly hash: string;
}

export interface FrozenDefinition extends Pick<Definition, 'name' | 'shape' | 'capture' | 'sync'> {
  /** Endpoints of the environment that the generation runs in. */
  readonly source: Endpoint;
  readonly target: Endpoint;
  readonly targetSchema: readonly FrozenSchemaFile[];
  readonly tables: readonly FrozenMapping[];
  readonly throttle: Required<Pick<Throttle, 'copiersMax'>> & Throttle;
  /** The one field that the shape uses. */
  readonly fence: Fence;
}

/** Parts of a definition that depend on the deployment. */
export interface Deployment {
  readonly source: Endpoint;
  readonly target: Endpoint;
  /** Texts of the schema files, in the definition's order. */
  readonly schemaTexts: readonly string[];
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hashOf = ({ apply }: RowFunction): string => sha256(Function.prototype.toString.call(apply));

/** Freezes a definition for one environment. */
export const freezeDefinition = (
  definition: Definition,
  { source, target, schemaTexts }: Deployment,
): FrozenDefinition => ({
  name: definition.name,
  shape: definition.shape,
  source,
  target,
  targetSchema: definition.targetSchema.map((file, index) => ({ file, hash: sha256(schemaTexts[index]!) })),
  tables: definition.tables.map(freezeMapping),
  throttle: definition.throttle,
  fence:
    traitsOf(definition.shape).fences === 'cutover'
      ? { seconds: definition.fenceSeconds }
      : { minutes: definition.fenceSeconds / 60 },
  capture: definition.capture,
  sync: definition.sync,
});

function freezeMapping({ rowFunction, ...mapping }: Mapping): FrozenMapping {
  if (!rowFunction) return mapping;
  const { reads, writes } = rowFunction;
  return { ...mapping, rowFunction: { reads, writes, hash: hashOf(rowFunction) } };
}

/**
 * Restores a definition, with the row functions of the deployed one. A row function that is gone or has changed throws
 * RowFunctionFailed when it is called, so that steps that need none still work.
 * @param deployed null: the deployment has no valid definition of this migration
 */
export const thawDefinition = (
  frozen: FrozenDefinition,
  environment: string,
  deployed: Pick<Definition, 'tables'> | null,
): Definition => ({
  name: frozen.name,
  shape: frozen.shape,
  source: { [environment]: frozen.source },
  target: { [environment]: frozen.target },
  targetSchema: frozen.targetSchema.map(({ file }) => file),
  tables: frozen.tables.map((mapping) => thawMapping(mapping, deployed)),
  throttle: frozen.throttle,
  fence: frozen.fence,
  fenceSeconds: frozen.fence.seconds ?? (frozen.fence.minutes ?? 0) * 60,
  capture: frozen.capture,
  sync: frozen.sync,
});

function thawMapping(
  { rowFunction, ...mapping }: FrozenMapping,
  deployed: Pick<Definition, 'tables'> | null,
): Mapping {
  if (!rowFunction) return mapping;
  const { reads, writes } = rowFunction;
  const apply = deployedFunction(mapping.target, rowFunction, deployed)?.apply ?? refusing(mapping.target);
  return { ...mapping, rowFunction: { reads, writes, apply } };
}

const deployedFunction = (
  target: string,
  { hash }: FrozenRowFunction,
  deployed: Pick<Definition, 'tables'> | null,
): RowFunction | null => {
  const found = deployed?.tables.find((mapping) => mapping.target === target)?.rowFunction;
  return found && hashOf(found) === hash ? found : null;
};

const refusing = (target: string) => (): never => {
  throw new RowFunctionFailed(changedRowFunctions([target]));
};

/** Target tables whose row function the deployment no longer has as it was frozen. */
export const changedFunctionsOf = (
  frozen: FrozenDefinition,
  deployed: Pick<Definition, 'tables'> | null,
): readonly string[] =>
  frozen.tables.flatMap(({ target, rowFunction }) =>
    rowFunction && !deployedFunction(target, rowFunction, deployed) ? [target] : [],
  );

export const changedRowFunctions = (tables: readonly string[]): string =>
  `the row function of ${tables.join(', ')} is not the one that the generation started with. Deploy the earlier definition again, or abort and start again`;
