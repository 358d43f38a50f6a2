import { INSTALLED_VERSION } from '../../contract/versions';
import { FUNCTIONS } from './install/functions';

/** Names of the functions, as their files create them. */
export const FUNCTION_NAMES: readonly string[] = FUNCTIONS.map(
  (file) => /CREATE OR REPLACE FUNCTION sluice\.(\w+)/.exec(file)![1]!,
);

const CALLS = new RegExp(`\\bsluice\\.(${FUNCTION_NAMES.join('|')})\\b`, 'g');

/** Replaces the names of Sluice's functions with those of a version: `sluice.set_guard` with `sluice.set_guard_v1`. Safe to repeat. */
export const versioned = (sql: string, version: number = INSTALLED_VERSION): string =>
  sql.replace(CALLS, (name) => `${name}_v${version}`);
