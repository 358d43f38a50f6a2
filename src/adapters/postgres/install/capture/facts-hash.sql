CREATE OR REPLACE FUNCTION sluice.facts_hash(p_facts text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $f$
  SELECT pg_catalog.hashtextextended(p_facts COLLATE "C", 0)::text
$f$;
