-- Returns the SQL of whether the log exceeds a capture's cap. Reading the log's size costs more than writing an
-- entry, so one call in 32 does it, chosen by the clock. The first call that finds the log too large signals it
-- through a sequence, which costs almost nothing to read, changes immediately and permanently, and blocks no writer.
CREATE OR REPLACE FUNCTION sluice.over_cap_sql(p_capture sluice.capture) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $f$
  SELECT pg_catalog.format('pg_catalog.pg_sequence_last_value(%1$L::pg_catalog.regclass) IS NOT NULL OR CASE
    WHEN pg_catalog.date_part(''microseconds'', pg_catalog.clock_timestamp())::pg_catalog.int4 & 31 <> 0 THEN false
    WHEN pg_catalog.pg_relation_size(''sluice.change_log''::pg_catalog.regclass)
      + pg_catalog.pg_relation_size(''sluice.change_log_pkey''::pg_catalog.regclass) <= %2$s THEN false
    ELSE pg_catalog.nextval(%1$L::pg_catalog.regclass) > 0 END',
    pg_catalog.format('sluice.%I', pg_catalog.concat_ws('_', 'capture', p_capture.id, 'over')), p_capture.log_bytes_max)
$f$;
