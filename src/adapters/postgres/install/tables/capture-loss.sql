-- Why changes may be missing. Rows are only added, so that writers neither wait for each other nor depend on a
-- transaction that is rolled back.
CREATE TABLE IF NOT EXISTS sluice.capture_loss (
  id bigint GENERATED ALWAYS AS IDENTITY,
  capture bigint NOT NULL,
  why text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (capture, id)
);
