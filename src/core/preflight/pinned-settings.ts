import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../settings';
import { reachableLogins, type Facts } from './facts';

/** Requires the settings under which the worker's text is lossless and, in the target, no application trigger fires. */
export const pinnedSettings = (facts: Facts): Problem[] =>
  [...reachableLogins(facts)]
    .filter(({ login }) => login === 'worker')
    .flatMap(({ side, server }) =>
      Object.entries(side === 'target' ? PINNED_TARGET_SETTINGS : PINNED_SETTINGS)
        .filter(([setting, value]) => server.settings[setting] !== value)
        .map(([setting, value]) => ({
          check: 'pinned-settings',
          subject: `${side} worker`,
          found: `${setting} is ${JSON.stringify(server.settings[setting])}, not ${JSON.stringify(value)}`,
          remedy: `ALTER ROLE ${quoteIdentifier(server.login)} SET ${setting} = ${literalOf(setting, value)}`,
        })),
    );

/** The value as a literal of ALTER ROLE. SHOW displays the empty search_path as `""`. */
const literalOf = (setting: string, value: string): string =>
  setting === 'search_path' ? "''" : `'${value}'`;
