CREATE OR REPLACE FUNCTION sluice.wanted_facts() RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
  SELECT '{"name": true, "subscribed": false, "key": true}'::jsonb
$f$;
