-- Returns the facts that every capture requires; they replace those observed when it starts.
CREATE OR REPLACE FUNCTION sluice.expected_facts() RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT '{"name": true, "subscribed": false, "key": true}'::jsonb
$f$;
