import type { Login } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import {
  CONTROL_SETTINGS,
  isEquivalent,
  OWNER_SETTINGS,
  PINNED_SETTINGS,
  PINNED_TARGET_SETTINGS,
} from '../settings';
import { reachableLogins, type Facts } from './facts';

const SETTINGS: Readonly<Record<Login, Readonly<Record<Side, Readonly<Record<string, string>>>>>> = {
  owner: { source: OWNER_SETTINGS, target: OWNER_SETTINGS },
  control: { source: CONTROL_SETTINGS, target: CONTROL_SETTINGS },
  worker: { source: PINNED_SETTINGS, target: PINNED_TARGET_SETTINGS },
  verifier: { source: PINNED_SETTINGS, target: PINNED_SETTINGS },
};

/**
 * Requires the settings under which texts are lossless, no application trigger fires in the target, and guards are read again; and of
 * every login the path under which no object of the application's has a name of the system's.
 */
export const pinnedSettings = (facts: Facts): Problem[] =>
  [...reachableLogins(facts)].flatMap(({ side, login, subject, server }) =>
    Object.entries(SETTINGS[login][side])
      .filter(([setting, value]) => !isEquivalent(setting, value, server.settings[setting]))
      .map(([setting, value]) => ({
        check: 'pinned-settings',
        subject,
        found: `${setting} is ${JSON.stringify(server.settings[setting])}, not ${JSON.stringify(value)}`,
        remedy: `ALTER ROLE ${quoteIdentifier(server.login)} SET ${setting} = ${literalOf(setting, value)}`,
      })),
  );

/** The value as ALTER ROLE takes it. A quoted path would be the name of one schema. */
const literalOf = (setting: string, value: string): string =>
  setting === 'search_path' ? value : `'${value}'`;
