/** The numbers of a definition, and which of them may change while a generation runs. Everything else is frozen. */

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Bounds of the definition's numbers. */
export const BOUNDS = {
  'throttle.copiersMax': { min: 1, max: 1_000 },
  'throttle.rowsPerSecondMax': { min: 1, max: 10_000_000 },
  'fence.minutes': { min: 1, max: 10_080 },
  'fence.seconds': { min: 1, max: 300 },
  'capture.logMegabytesMax': { min: 16, max: 1_048_576 },
  'sync.appliersMax': { min: 1, max: 16 },
} as const satisfies Readonly<Record<string, Bounds>>;

/**
 * Settings that each function reads when it starts, and that neither database holds:
 * - `throttle.*`: the next wave, and the copier's next invocation, use the new value.
 * - `sync.appliersMax`: the next round deals the partitions out again; each claim fences the former applier out.
 * - `fence.seconds`: each cutover attempt sets its fence with the value of that moment.
 * - `fence.minutes`: only until the fence is set, because the database then holds its deadline.
 *
 * `capture.logMegabytesMax` is frozen: the database stores the cap with the capture, and enforces it.
 */
export const LIVE_SETTINGS = [
  'throttle.copiersMax',
  'throttle.rowsPerSecondMax',
  'sync.appliersMax',
  'fence.seconds',
  'fence.minutes',
] as const satisfies readonly (keyof typeof BOUNDS)[];

export type LiveSetting = (typeof LIVE_SETTINGS)[number];

/** Changed settings. Null: the setting has no value, which means no limit. */
export type Overrides = Readonly<Partial<Record<LiveSetting, number | null>>>;
