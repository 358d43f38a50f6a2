import { rolesOf, type Direction } from '../contract/sides';
import { MalformedInput } from './errors';
import type { End, Ends } from './ends';

/** The ends of a migration by their role in a generation: rows are read from `from` and written to `to`. */
export interface Flow {
  readonly direction: Direction;
  readonly from: End;
  readonly to: End;
}

/**
 * The ends in the roles that a direction gives them.
 * @throws MalformedInput if the direction is neither: an earlier version's executions pass none
 */
export function flowOf(ends: Ends, direction: Direction): Flow {
  if (!['forward', 'reverse'].includes(direction)) {
    throw new MalformedInput(
      `the direction of the generation is ${JSON.stringify(direction) ?? 'missing'}, not "forward" or "reverse"; if an earlier version started this execution, stop it and abort the migration`,
    );
  }
  const { from, to } = rolesOf(direction);
  return { direction, from: ends[from], to: ends[to] };
}
