CREATE TABLE IF NOT EXISTS sluice.capture_loss (
  id bigint GENERATED ALWAYS AS IDENTITY,
  capture bigint NOT NULL,
  why text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (capture, id)
);
