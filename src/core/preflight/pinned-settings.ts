import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../settings';
import { reachableLogins, type Facts } from './facts';

/** The worker's session writes and reads text losslessly, and in the target does not fire the application's triggers. */
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

/** As ALTER ROLE takes it: the empty search_path shows itself as `""`. */
const literalOf = (setting: string, value: string): string =>
  setting === 'search_path' ? "''" : `'${value}'`;
