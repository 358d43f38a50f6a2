-- Returns the captures of one generation, each with the reason why it may have missed changes, or null.
CREATE OR REPLACE FUNCTION sluice.captures(p_owner text, p_migration text, p_side text, p_generation bigint)
RETURNS TABLE (table_name text, id bigint, lost text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  RETURN QUERY SELECT c.table_name, c.id, sluice.check_capture(c) FROM sluice.capture AS c
    WHERE c.owner = p_owner AND c.migration = p_migration AND c.side = p_side AND c.generation = p_generation ORDER BY c.table_name;
END $f$;
