-- Everything that Sluice installs in a database, as one statement, so that one call commits it whole. Safe to repeat.
-- Objects belong to one side of a migration: both sides may be in the same database, and neither touches what is the
-- other's. Refuses to run where an older version is installed. Runs as the owner login; `worker` is the only login
-- that may use what is installed. Errors that the functions raise: SL001 a newer epoch rules, SL002 the guard is in a
-- state that the change does not start from, SL003 the fence has opened itself, SL004 the session's settings are not
-- the pinned ones, SL005 a key is in no chunk.
CREATE TABLE IF NOT EXISTS sluice.guard (
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  epoch bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'fenced', 'sealed', 'dark', 'revoked')),
  deadline timestamptz,
  PRIMARY KEY (migration, side)
);
