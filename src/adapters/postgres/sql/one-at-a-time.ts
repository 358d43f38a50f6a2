/**
 * First statement of what makes objects, so that a repeat waits for the first to commit, and then finds them. Without it the
 * slower of two fails: neither `IF NOT EXISTS` nor a look before an insert sees what another transaction is making.
 */
export const ONE_AT_A_TIME = 'PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);';
