-- Returns whether the running transaction wrote a visible row, given its xmin: only this transaction's own rows are
-- visible while their transaction is in progress. Subtransactions have later ids of their own.
CREATE OR REPLACE FUNCTION sluice.is_written_here(p_xmin xid) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_own bigint = pg_catalog.pg_current_xact_id()::text::bigint;
  v_later bigint = (p_xmin::text::bigint - v_own % 4294967296 + 4294967296) % 4294967296;
BEGIN
  IF v_later > 2147483647 THEN RETURN false; END IF;
  RETURN coalesce(pg_catalog.pg_xact_status((v_own + v_later)::text::xid8) = 'in progress', false);
EXCEPTION WHEN invalid_parameter_value THEN RETURN false; -- An id from before the last wraparound.
END $f$;
