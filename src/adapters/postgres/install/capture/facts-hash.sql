-- Hashes a list of facts, so that the fingerprint of a capture stays small.
CREATE OR REPLACE FUNCTION sluice.facts_hash(p_facts text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.hashtextextended(p_facts COLLATE "C", 0)::text
$f$;
