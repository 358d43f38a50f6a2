-- `capture`: one captured table of one side in one generation; its id is random, so that nothing that names an
-- earlier capture ever means a later one. `slot`: SQL of the partition of a key, a text array e.k. `capture_loss`:
-- why changes may be missing; rows are only added, so that writers neither wait for each other nor depend on a
-- transaction that is rolled back. All have a primary key: else a publication of all tables would refuse to have rows
-- deleted. `change_log`: a queue. It is vacuumed early, and never truncated by vacuum, which would lock writers out.
CREATE TABLE IF NOT EXISTS sluice.capture (
  id bigint PRIMARY KEY,
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
  UNIQUE (migration, side, generation, table_name)
);
