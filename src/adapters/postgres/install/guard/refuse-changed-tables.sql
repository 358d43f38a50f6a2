-- Raises SL002 if tables of a guard that is to close were renamed, moved or dropped since they were registered.
CREATE OR REPLACE FUNCTION sluice.refuse_changed_tables(p_owner text, p_migration text, p_side text, p_state text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_changed text = (SELECT pg_catalog.string_agg(c, ', ') FROM sluice.changed_tables(p_owner, p_migration, p_side) AS c);
BEGIN
  IF v_changed IS NOT NULL THEN
    RAISE EXCEPTION 'the % of migration % cannot become %, because tables were changed since they were registered: %. Change them back, or abort',
      p_side, p_migration, p_state, v_changed USING ERRCODE = 'SL002';
  END IF;
END $f$;
