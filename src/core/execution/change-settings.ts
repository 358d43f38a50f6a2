import {
  readSettings,
  settingText,
  withOverrides,
  type RequestedSettings,
} from '../definition/live-settings';
import type { LiveSetting } from '../definition/setting-bounds';
import { SettingsRefused, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { Control } from '../world';

export interface SettingChange {
  readonly setting: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Changes live settings of the running generation, and journals the old and new values. Functions that start afterwards use the
 * new values.
 * @throws SettingsRefused with every problem of the request
 * @throws WrongState if the generation has ended, or another call changed its settings or fence at the same time
 */
export async function changeSettings(
  control: Pick<Control, 'recordOrFail' | 'override' | 'definitions' | 'journal'>,
  migration: string,
  requested: RequestedSettings,
): Promise<readonly SettingChange[]> {
  const seen = await control.recordOrFail(migration);
  failUnlessLive(seen);
  const { overrides, problems } = readSettings(seen, requested);
  if (problems.length > 0) throw new SettingsRefused(migration, problems);
  const frozen = await control.definitions.read(migration, seen.definition);
  const changed = await control.override(seen, overrides);
  if (!changed)
    throw new WrongState(
      `nothing was changed: the settings, the fence or the status of migration ${migration} changed at the same time. Check npx sluice status ${migration}, then repeat`,
    );
  const changes = (Object.keys(overrides) as LiveSetting[]).map((setting) => ({
    setting,
    before: settingText(withOverrides(frozen, seen.overrides), setting),
    after: settingText(withOverrides(frozen, changed.overrides), setting),
  }));
  await control.journal.append(migration, seen.generation, 'settings changed', { changes });
  return changes;
}

function failUnlessLive({ migration, generation, status }: MigrationRecord): void {
  if (status === 'running' || status === 'held') return;
  throw new WrongState(
    `migration ${migration} is ${status} in generation ${generation}, so no setting was changed. Change the definition, deploy and start again`,
  );
}
