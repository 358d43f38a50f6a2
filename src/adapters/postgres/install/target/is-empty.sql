-- Returns whether a table has no rows, without a query on it: to plan one evaluates functions of the table's indexes with the
-- caller's rights. A constraint that no row satisfies is checked against every row, also those that row security hides, and
-- undone.
CREATE OR REPLACE FUNCTION sluice.is_empty(p_table regclass) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE pg_catalog.pg_relation_size(c.oid) > 0
      AND (c.oid = p_table OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(p_table)))) THEN
    RETURN true;
  END IF;
  EXECUTE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT sluice_is_empty CHECK (false)', p_table);
  RAISE EXCEPTION USING ERRCODE = 'SL006';
EXCEPTION
  WHEN SQLSTATE 'SL006' THEN RETURN true;
  WHEN check_violation THEN RETURN false;
END $f$;
