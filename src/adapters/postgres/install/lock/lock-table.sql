-- Locks one table, waiting until an instant at most. A table that was dropped needs no lock; one that was renamed while it was
-- waited for counts as not available.
CREATE OR REPLACE FUNCTION sluice.lock_table(p_table oid, p_mode text, p_until timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_name text;
  v_ms integer = greatest(1, extract(epoch FROM p_until - pg_catalog.clock_timestamp()) * 1000);
BEGIN
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO v_name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p_table;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM pg_catalog.set_config('lock_timeout', v_ms || 'ms', true);
  EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', v_name, p_mode);
  IF pg_catalog.to_regclass(v_name) IS DISTINCT FROM p_table THEN
    RAISE EXCEPTION '% was renamed before it was locked', v_name USING ERRCODE = 'lock_not_available';
  END IF;
END $f$;
