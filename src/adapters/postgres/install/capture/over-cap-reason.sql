-- Returns the reason for a loss because of a log over its cap: the same text from the triggers and from
-- `check_capture`.
CREATE OR REPLACE FUNCTION sluice.over_cap_reason(p_bytes_max bigint) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.format('the change log is larger than its cap of %s MB', p_bytes_max / 1048576)
$f$;
