-- A key that is in no chunk: leases are missing, and nothing may be decided.
CREATE OR REPLACE FUNCTION sluice.no_chunk() RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
BEGIN
  RAISE EXCEPTION 'a key is in no chunk' USING ERRCODE = 'SL005', HINT = 'The leases of the plan are missing.';
END $f$;
