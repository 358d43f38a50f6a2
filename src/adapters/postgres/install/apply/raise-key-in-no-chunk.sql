-- Raises SL005 for a key that is in no chunk: leases are missing, so nothing may be decided about the key.
CREATE OR REPLACE FUNCTION sluice.raise_key_in_no_chunk() RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  RAISE EXCEPTION 'a key is in no chunk' USING ERRCODE = 'SL005', HINT = 'Leases of the plan are missing. Abort the migration and start it again.';
END $f$;
