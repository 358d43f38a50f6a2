-- The guard of one side of a migration.
CREATE TABLE IF NOT EXISTS sluice.guard (
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  epoch bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'fenced', 'sealed', 'dark', 'revoked')),
  deadline timestamptz,
  PRIMARY KEY (migration, side)
);
