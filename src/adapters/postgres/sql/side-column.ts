import { SIDES } from '../../../contract/sides';

/** The column that tells the two sides of a migration apart, where both are in one database. */
export const SIDE_COLUMN = `side text NOT NULL CHECK (side IN (${SIDES.map((side) => `'${side}'`).join(', ')}))`;
