-- The queue of dirty keys. It is vacuumed early, and never truncated by vacuum, which would lock writers out.
CREATE TABLE IF NOT EXISTS sluice.change_log (
  id bigint GENERATED ALWAYS AS IDENTITY,
  capture bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  partition smallint NOT NULL,
  key text[] NOT NULL,
  PRIMARY KEY (capture, partition, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false);
