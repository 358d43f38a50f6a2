-- Lists the tables that have triggers of a guard and that this login may lock: others were moved out of its reach.
CREATE OR REPLACE FUNCTION sluice.armed_tables(p_id bigint) RETURNS oid[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT ARRAY(SELECT t.relation FROM sluice.triggers_of_guard(p_id) AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.relation
    WHERE pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
    GROUP BY t.relation ORDER BY t.relation)
$f$;
