import { APPLY } from './install-apply';
import { CAPTURE, CAPTURE_GRANTS } from './install-capture';
import { DROP_GUARD, REFUSE, REGISTER, SET_GUARD, TRIGGERS } from './install-guard';
import { LEASES } from './install-lease';
import { SEQUENCES } from './install-sequence';
import { ASSERT_SESSION } from './install-session';
import { CREATE_TARGET, UNINSTALL } from './install-target';
import { HAS_OLDER_TABLES, OLDER_TABLES } from './installed';
import { ONE_AT_A_TIME } from './one-at-a-time';
import { SIDE_COLUMN } from './side-column';
import { quoteLiteral } from './text-settings';

/**
 * Everything that Sluice installs in a database, as one statement, so that one call commits it whole. Safe to repeat.
 * Objects belong to one side of a migration: both sides may be in the same database, and neither touches what is the
 * other's. Refuses to run where an older version is installed. Runs as the owner login; `worker` is the only login that may use what is installed.
 *
 * Errors that the functions raise: SL001 a newer epoch rules, SL002 the guard is in a state that the change does not
 * start from, SL003 the fence has opened itself, SL004 the session's settings are not the pinned ones, SL005 a key is in no
 * chunk.
 */
export const installSql = (workerLogin: string): string => `DO $install$
BEGIN
  ${ONE_AT_A_TIME}
  IF ${HAS_OLDER_TABLES} THEN
    RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = ${quoteLiteral(OLDER_TABLES)};
  END IF;
  CREATE SCHEMA IF NOT EXISTS sluice;

  CREATE TABLE IF NOT EXISTS sluice.guard (
    migration text NOT NULL,
    ${SIDE_COLUMN},
    epoch bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'fenced', 'sealed', 'dark', 'revoked')),
    deadline timestamptz,
    PRIMARY KEY (migration, side)
  );

  CREATE TABLE IF NOT EXISTS sluice.guarded (
    migration text NOT NULL,
    ${SIDE_COLUMN},
    schema_name text NOT NULL,
    table_name text NOT NULL,
    was_empty boolean,
    PRIMARY KEY (schema_name, table_name)
  );

  CREATE TABLE IF NOT EXISTS sluice.created (
    migration text NOT NULL,
    ${SIDE_COLUMN},
    position bigint NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    PRIMARY KEY (migration, side, position)
  );

  CREATE TABLE IF NOT EXISTS sluice.lease (
    scope text PRIMARY KEY,
    token bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    open boolean NOT NULL DEFAULT false,
    life bigint NOT NULL DEFAULT 0,
    lower text[],
    upper text[],
    cursor text[]
  ) WITH (fillfactor = 50);

  CREATE TABLE IF NOT EXISTS sluice.slice (
    scope text NOT NULL,
    attribute integer NOT NULL,
    part integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (scope, attribute, part)
  );
${[REFUSE, ASSERT_SESSION(false), ASSERT_SESSION(true), SET_GUARD, DROP_GUARD, TRIGGERS, LEASES, APPLY, REGISTER, CREATE_TARGET, CAPTURE, UNINSTALL, SEQUENCES].join('\n')}

  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sluice FROM PUBLIC;
  GRANT USAGE ON SCHEMA sluice TO ${workerLogin};
  GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.lease, sluice.slice, sluice.touch, sluice.skipped TO ${workerLogin};
  GRANT SELECT ON sluice.guard TO ${workerLogin};
  GRANT EXECUTE ON FUNCTION sluice.set_guard, sluice.install_lease, sluice.revoke_leases, sluice.sequence_position,
    sluice.advance_sequence, sluice.assert_source_session, sluice.assert_target_session, sluice.no_chunk,
    sluice.apply_rounds, sluice.parking_value, sluice.parking, sluice.park_row, sluice.apply_each TO ${workerLogin};${CAPTURE_GRANTS(workerLogin)}
END $install$`;
