-- The leases of chunks and partitions, in the database that is written to; keys are text arrays. Every write checks
-- `token` and consumes the next `seq`.
CREATE TABLE IF NOT EXISTS sluice.lease (
  scope text PRIMARY KEY,
  token bigint NOT NULL DEFAULT 0,
  seq bigint NOT NULL DEFAULT 0,
  open boolean NOT NULL DEFAULT false,
  attempt bigint NOT NULL DEFAULT 0,
  lower text[],
  upper text[],
  cursor text[]
) WITH (fillfactor = 50);
