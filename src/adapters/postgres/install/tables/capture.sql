-- One captured table of one side in one generation. The id is random, so that an entry of an earlier capture never
-- belongs to a later one. `slot`: SQL of the partition of a key, a text array e.k. This table, `capture_loss` and
-- `change_log` have primary keys, because without one a publication of all tables would make every DELETE fail.
CREATE TABLE IF NOT EXISTS sluice.capture (
  id bigint PRIMARY KEY,
  owner text NOT NULL,
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  generation bigint NOT NULL,
  table_name text NOT NULL,
  relation oid NOT NULL,
  by_row boolean NOT NULL,
  source_schema text NOT NULL,
  source_name text NOT NULL,
  identity text[] NOT NULL,
  partitions integer NOT NULL CHECK (partitions > 0),
  slot text NOT NULL,
  log_bytes_max bigint NOT NULL,
  fingerprint jsonb,
  stopped boolean NOT NULL DEFAULT false,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (owner, migration, side, generation, table_name)
);
