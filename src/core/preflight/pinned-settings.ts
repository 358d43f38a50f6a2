import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { PINNED_PATH, PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../settings';
import { reachableLogins, type Facts } from './facts';

/**
 * Requires the settings under which the worker's text is lossless and, in the target, no application trigger fires; and of both
 * logins the path under which no object of the application's has a name of the system's.
 */
export const pinnedSettings = (facts: Facts): Problem[] =>
  [...reachableLogins(facts)].flatMap(({ side, login, subject, server }) =>
    Object.entries(login === 'owner' ? OWNER_SETTINGS : WORKER_SETTINGS[side])
      .filter(([setting, value]) => server.settings[setting] !== value)
      .map(([setting, value]) => ({
        check: 'pinned-settings',
        subject,
        found: `${setting} is ${JSON.stringify(server.settings[setting])}, not ${JSON.stringify(value)}`,
        remedy: `ALTER ROLE ${quoteIdentifier(server.login)} SET ${setting} = ${literalOf(setting, value)}`,
      })),
  );

const OWNER_SETTINGS = { search_path: PINNED_PATH };
const WORKER_SETTINGS = { source: PINNED_SETTINGS, target: PINNED_TARGET_SETTINGS };

/** The value as ALTER ROLE takes it. A quoted path would be the name of one schema. */
const literalOf = (setting: string, value: string): string =>
  setting === 'search_path' ? value : `'${value}'`;
