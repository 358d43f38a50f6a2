-- The tables of a side's guard. `was_empty`: whether a table was empty when the side went dark; set only in the
-- target.
CREATE TABLE IF NOT EXISTS sluice.guarded (
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  schema_name text NOT NULL,
  table_name text NOT NULL,
  was_empty boolean,
  PRIMARY KEY (schema_name, table_name)
);
