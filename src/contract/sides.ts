/** The two databases of a migration, and the roles that a direction gives them. */

export const SIDES = ['source', 'target'] as const;

/** Permanent: the definition says which database is the source and which the target. */
export type Side = (typeof SIDES)[number];

export const otherSide = (side: Side): Side => (side === 'source' ? 'target' : 'source');

/** The direction in which a generation moves rows. `forward`: from the source to the target. */
export type Direction = 'forward' | 'reverse';

/** The sides by the role that they have in a generation: rows are read from `from` and written to `to`. */
export interface Roles {
  readonly from: Side;
  readonly to: Side;
}

export type Role = keyof Roles;

export const rolesOf = (direction: Direction): Roles =>
  direction === 'forward' ? { from: 'source', to: 'target' } : { from: 'target', to: 'source' };

/** Directions that a deployed migration takes; what each function may touch on each side follows from them. */
export const DIRECTIONS: readonly Direction[] = ['forward'];
