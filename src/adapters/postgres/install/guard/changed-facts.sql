-- Lists the facts about the structure of guarded tables that are no longer as they were when a side was fenced or darkened, and
-- foreign keys that there were not.
CREATE OR REPLACE FUNCTION sluice.changed_facts(p_guard sluice.guard) RETURNS TABLE (kind text, relation oid) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  WITH seen AS MATERIALIZED (
    SELECT v FROM pg_catalog.unnest(p_guard.triggers) AS v WHERE pg_catalog.starts_with(v, 'structure:')
  ), present AS MATERIALIZED (
    SELECT pg_catalog.concat_ws(':', 'structure', s.kind, s.relation, s.fact) AS v
    FROM sluice.structure_facts(p_guard.owner, p_guard.migration, p_guard.side) AS s WHERE EXISTS (SELECT FROM seen)
  ), changed AS (
    (SELECT v FROM seen WHERE NOT pg_catalog.starts_with(v, 'structure:keys:') EXCEPT SELECT v FROM present)
    UNION ALL
    (SELECT v FROM present WHERE pg_catalog.starts_with(v, 'structure:keys:') EXCEPT SELECT v FROM seen)
  )
  SELECT pg_catalog.split_part(v, ':', 2), pg_catalog.split_part(v, ':', 3)::oid FROM changed
$f$;
