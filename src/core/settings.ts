/**
 * The path of every session of Sluice. An empty path would still search the session's temporary schema first, for relations and
 * types: pg_temp is last only where it is named last.
 */
export const PINNED_PATH = 'pg_catalog, pg_temp';

/**
 * Settings under which a value's text is lossless and means the same on both ends. Pinned on the roles of worker and verifier by
 * docs/guide/roles.sql; preflight reads them and every statement that carries rows asserts them in its own session.
 */
export const PINNED_SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  search_path: PINNED_PATH,
  default_transaction_isolation: 'read committed',
  row_security: 'off',
  xmloption: 'content',
};

/**
 * The values under which a text is lossless, where there are several. The driver of the Data API sets these settings when it
 * starts a session, and takes precedence over the role.
 */
const LOSSLESS: Readonly<Record<string, (value: string) => boolean>> = {
  DateStyle: (value) => value.startsWith('ISO, '),
  extra_float_digits: (value) => Number(value) >= 1,
};

/** Whether a session with this value serves as well as one with the pinned value. */
export const isEquivalent = (setting: string, pinned: string, value: string | undefined): boolean =>
  value === pinned || (value !== undefined && (LOSSLESS[setting]?.(value) ?? false));

/** Pinned on the target's worker besides: the application's triggers and foreign keys must not fire a second time. */
export const PINNED_TARGET_SETTINGS: Readonly<Record<string, string>> = {
  ...PINNED_SETTINGS,
  session_replication_role: 'replica',
};

/** Pinned on the owner's role. */
export const OWNER_SETTINGS: Readonly<Record<string, string>> = { search_path: PINNED_PATH };

/** Pinned on the control role: a function reads the guard again after it waited for its lock, which a snapshot would prevent. */
export const CONTROL_SETTINGS: Readonly<Record<string, string>> = {
  search_path: PINNED_PATH,
  default_transaction_isolation: 'read committed',
};
