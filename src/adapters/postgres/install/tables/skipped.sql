-- Keys that a copier left to the appliers.
CREATE TABLE IF NOT EXISTS sluice.skipped (
  scope text NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  key text NOT NULL,
  PRIMARY KEY (scope, id)
);
