-- Closes a lease, unless a newer claim holds it, and returns whether it did. The claim's token proves the call.
CREATE OR REPLACE FUNCTION sluice.close_lease(p_scope text, p_token bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  UPDATE sluice.lease SET open = false WHERE scope = p_scope AND token = p_token;
  RETURN FOUND;
END $f$;
