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
