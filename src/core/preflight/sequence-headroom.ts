import type { ColumnDescription, SequenceDescription } from '../catalog';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { SEQUENCE_GAP } from '../sequences';
import type { Pair } from './facts';

/** Refuses a target sequence that ends before the position that the cutover sets. */
export function exhausted(source: SequenceDescription, target: SequenceDescription): Problem[] {
  const position = positionAfter(source, target);
  const falls = BigInt(target.increment) < 0n;
  const limit = falls ? target.min : target.max;
  if (position === null || target.cycles || !isBeyond(position, BigInt(limit), falls)) return [];
  return [
    {
      check: 'sequences',
      subject: `target sequence ${target.sequence}`,
      found: `it must continue after ${position}, because source sequence ${source.sequence} is at ${source.position}, but it ends at ${limit}`,
      remedy: `ALTER SEQUENCE ${target.sequence} AS bigint ${falls ? 'NO MINVALUE' : 'NO MAXVALUE'}`,
    },
  ];
}

const COLUMN_LIMITS: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
};

/** Refuses a target column whose type ends before the position that the cutover sets. */
export function beyondColumn(
  { mapping }: Pair,
  subject: string,
  source: SequenceDescription,
  target: SequenceDescription,
  { name, baseType }: ColumnDescription,
): Problem[] {
  const position = positionAfter(source, target);
  const falls = BigInt(target.increment) < 0n;
  const limit = COLUMN_LIMITS[baseType]?.[falls ? 0 : 1];
  if (position === null || target.cycles || limit === undefined || !isBeyond(position, limit, falls))
    return [];
  return [
    {
      check: 'sequences',
      subject,
      found: `its sequence must continue after ${position}, because source sequence ${source.sequence} is at ${source.position}, but type ${baseType} ends at ${limit}`,
      remedy: `ALTER TABLE ${mapping.target} ALTER COLUMN ${quoteIdentifier(name)} TYPE bigint`,
    },
  ];
}

/** Where the cutover would set the target's sequence at least; null if the source's position is not known. */
function positionAfter(source: SequenceDescription, target: SequenceDescription): bigint | null {
  if (source.position === null) return null;
  const increment = BigInt(target.increment);
  const needed = BigInt(source.position) + BigInt(SEQUENCE_GAP) * increment;
  const own = BigInt(target.position ?? needed);
  return (increment < 0n ? own < needed : own > needed) ? own : needed;
}

/** Whether nothing is left between a position and a limit. */
const isBeyond = (position: bigint, limit: bigint, falls: boolean): boolean =>
  falls ? position <= limit : position >= limit;
