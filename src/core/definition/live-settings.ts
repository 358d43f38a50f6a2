/** Reads requests to change settings of a running generation. */
import { traitsOf, type Shape } from '../../contract/lifecycle';
import type { MigrationRecord } from '../ledger';
import { boundProblems } from './definition-fields';
import type { FrozenDefinition } from './frozen-definition';
import { BOUNDS, LIVE_SETTINGS, type LiveSetting, type Overrides } from './setting-bounds';

/** The only setting that a definition may leave out without a default. */
const OPTIONAL: LiveSetting = 'throttle.rowsPerSecondMax';
const NO_VALUE = 'none';

const isLive = (name: string): name is LiveSetting => (LIVE_SETTINGS as readonly string[]).includes(name);

/** The definition with the changed settings. */
export function withOverrides(frozen: FrozenDefinition, overrides: Overrides): FrozenDefinition {
  return (Object.entries(overrides) as [LiveSetting, number | null][]).reduce<FrozenDefinition>(
    (definition, [name, value]) => {
      const [part, field] = name.split('.') as ['throttle' | 'sync' | 'fence', string];
      return { ...definition, [part]: { ...definition[part], [field]: value ?? undefined } };
    },
    frozen,
  );
}

/** The value of a setting, as text. */
export function settingText(frozen: FrozenDefinition, name: LiveSetting): string {
  const [part, field] = name.split('.') as ['throttle' | 'sync' | 'fence', string];
  const value = (frozen[part] as Readonly<Record<string, number | undefined>>)[field];
  return value === undefined ? NO_VALUE : String(value);
}

/** Settings that are requested by name, with their values as texts. */
export type RequestedSettings = readonly { readonly name: string; readonly value: string }[];

/** Reads requested settings. `problems` lists every reason to refuse them, each with its remedy. */
export function readSettings(
  record: Pick<MigrationRecord, 'shape' | 'fenceDeadline'>,
  requested: RequestedSettings,
): { readonly overrides: Overrides; readonly problems: readonly string[] } {
  const problems = requested.flatMap((setting, index) => [
    ...(requested.findIndex(({ name }) => name === setting.name) < index
      ? [`${setting.name} is given twice. Give it once`]
      : []),
    ...settingProblems(record, setting),
  ]);
  const overrides = Object.fromEntries(requested.map(({ name, value }) => [name, numberOf(value)]));
  return { overrides: problems.length === 0 ? overrides : {}, problems };
}

const numberOf = (value: string): number | null => (value === NO_VALUE ? null : Number(value));

function settingProblems(
  record: Pick<MigrationRecord, 'shape' | 'fenceDeadline'>,
  { name, value }: RequestedSettings[number],
): readonly string[] {
  if (!isLive(name))
    return [
      `${name} is frozen until the generation has ended; only ${LIVE_SETTINGS.join(', ')} may change. Abort, change the definition, deploy and start again`,
    ];
  if (value === NO_VALUE && name === OPTIONAL) return [];
  const number = /^\d+$/.test(value) ? Number(value) : value;
  const { min, max } = BOUNDS[name];
  return [...boundProblems(name, number as number, min, max), ...effectProblems(record, name)];
}

/** Refuses a change that would have no effect, because its author expects one. */
function effectProblems(
  { shape, fenceDeadline }: Pick<MigrationRecord, 'shape' | 'fenceDeadline'>,
  name: LiveSetting,
): readonly string[] {
  if (!isUsed(shape, name)) return [`${name} has no effect in shape '${shape}'. Leave it out`];
  if (name === 'fence.minutes' && fenceDeadline !== null)
    return [
      `fence.minutes cannot change any more: the fence is set and expires at ${fenceDeadline}. To fence for longer, abort, change the definition, deploy and start again`,
    ];
  return [];
}

function isUsed(shape: Shape, name: LiveSetting): boolean {
  const { fences, capturesChanges } = traitsOf(shape);
  if (name === 'fence.seconds') return fences === 'cutover';
  if (name === 'fence.minutes') return fences === 'first';
  return name !== 'sync.appliersMax' || capturesChanges;
}
