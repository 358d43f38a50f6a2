-- SQL of whether the log is over a capture's cap. To ask for its size costs more than to write an entry: one call in
-- 32 does, by the clock, and the first that finds it too large tells the others, through a sequence: it costs next to
-- nothing to read, is set at once and for good, and holds up nobody.
CREATE OR REPLACE FUNCTION sluice.is_over(p_capture sluice.capture) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = '' AS $f$
  SELECT pg_catalog.format('pg_catalog.pg_sequence_last_value(%1$L::pg_catalog.regclass) IS NOT NULL OR CASE
    WHEN pg_catalog.date_part(''microseconds'', pg_catalog.clock_timestamp())::pg_catalog.int4 & 31 <> 0 THEN false
    WHEN pg_catalog.pg_relation_size(''sluice.change_log''::pg_catalog.regclass)
      + pg_catalog.pg_relation_size(''sluice.change_log_pkey''::pg_catalog.regclass) <= %2$s THEN false
    ELSE pg_catalog.nextval(%1$L::pg_catalog.regclass) > 0 END',
    pg_catalog.format('sluice.%I', pg_catalog.concat_ws('_', 'capture', p_capture.id, 'over')), p_capture.log_bytes_max)
$f$;
