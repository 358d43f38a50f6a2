-- Lists the triggers of a guard on every table and partition, and its function, with the versions of their catalog rows: what
-- disables, drops or replaces one changes its version, also if it is restored afterwards.
CREATE OR REPLACE FUNCTION sluice.trigger_versions(p_id bigint) RETURNS SETOF text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $f$
  WITH function AS (SELECT pg_catalog.to_regprocedure(pg_catalog.format('sluice.%I()', 'guard_' || p_id)) AS oid)
  SELECT pg_catalog.concat_ws(':', t.oid, t.xmin) FROM function AS f JOIN pg_catalog.pg_trigger AS t ON t.tgfoid = f.oid
  UNION ALL
  SELECT pg_catalog.concat_ws(':', p.oid, p.xmin) FROM function AS f JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
$f$;
