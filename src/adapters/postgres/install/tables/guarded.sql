-- The tables of a side's guard; a table belongs to one guard only. `relation`: its oid, by which it is found whatever it is
-- called since; null until it exists. `was_empty`: whether the table was empty when the side went dark, and the side has not
-- been open since; `tree`: its partitions then; both are set only in the target.
CREATE TABLE IF NOT EXISTS sluice.guarded (
  owner text NOT NULL,
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  schema_name text NOT NULL,
  table_name text NOT NULL,
  relation oid,
  tree oid[],
  was_empty boolean,
  PRIMARY KEY (schema_name, table_name)
);
