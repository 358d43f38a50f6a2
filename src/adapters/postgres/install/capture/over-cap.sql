-- What a log over its cap is called, by the trigger that finds it and by whoever looks.
CREATE OR REPLACE FUNCTION sluice.over_cap(p_bytes_max bigint) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
  SELECT pg_catalog.format('the change log is larger than its cap of %s MB', p_bytes_max / 1048576)
$f$;
