/** Versions that a generation records when it starts. */

/** Format of a migration's items in the control table. A record of another format is refused. */
export const RECORD_FORMAT = 1;

/**
 * Version of the functions that Sluice installs in a database. Change it with their SQL: a running migration continues to use the
 * functions that it installed, and those of several versions coexist in a database. The tables are shared; later versions only add
 * to them.
 */
export const INSTALLED_VERSION = 1;

/**
 * Code version of a generation that another ledger started. No deployment has this version, so no execution continues the
 * generation; an abort runs the newest code of its own and does not compare versions.
 */
export const UNKNOWN_CODE = 'unknown';

/** Versions of installed functions that this code can call. */
export const SUPPORTED_VERSIONS: readonly number[] = [INSTALLED_VERSION];
