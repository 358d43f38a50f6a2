-- Returns the expression by which a guard in a state lets a row pass: those of no login, of the exempt login, of all of them,
-- or of all of them after the deadline. After a restart or a failover of the server, the deadline is a minute earlier: the
-- other clock may be slower, and a fence that has expired must never close again.
CREATE OR REPLACE FUNCTION sluice.passing_rows(p_state text, p_deadline timestamptz, p_exempt text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' AS $f$
BEGIN
  RETURN CASE
    WHEN p_state = 'open' THEN 'true'
    WHEN p_state = 'fenced' THEN pg_catalog.format(
      'pg_catalog.clock_timestamp() >= %L::pg_catalog.timestamptz OR pg_catalog.pg_postmaster_start_time() <> %L::pg_catalog.timestamptz AND pg_catalog.clock_timestamp() >= %L::pg_catalog.timestamptz',
      p_deadline, pg_catalog.pg_postmaster_start_time(), p_deadline - interval '1 minute')
    WHEN p_exempt <> '' THEN pg_catalog.format('session_user = %L', p_exempt)
    ELSE 'false' END;
END $f$;
