-- Parts of a large row, staged until one statement writes the row.
CREATE TABLE IF NOT EXISTS sluice.slice (
  scope text NOT NULL,
  attribute integer NOT NULL,
  part integer NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (scope, attribute, part)
);
