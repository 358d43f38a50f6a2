-- Raises SL004 unless the session has the settings under which a value's text is lossless. Every statement that
-- carries rows to the target calls it.
CREATE OR REPLACE FUNCTION sluice.assert_target_session() RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
BEGIN
  IF pg_catalog.current_setting('DateStyle') OPERATOR(pg_catalog.~~) 'ISO, %'
    AND pg_catalog.current_setting('TimeZone') OPERATOR(pg_catalog.=) 'UTC'
    AND pg_catalog.current_setting('IntervalStyle') OPERATOR(pg_catalog.=) 'postgres'
    AND pg_catalog.current_setting('extra_float_digits')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 1
    AND pg_catalog.current_setting('bytea_output') OPERATOR(pg_catalog.=) 'hex'
    AND pg_catalog.current_setting('lc_monetary') OPERATOR(pg_catalog.=) 'C'
    AND pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'pg_catalog, pg_temp'
    AND pg_catalog.current_setting('default_transaction_isolation') OPERATOR(pg_catalog.=) 'read committed'
    AND pg_catalog.current_setting('row_security') OPERATOR(pg_catalog.=) 'off'
    AND pg_catalog.current_setting('xmloption') OPERATOR(pg_catalog.=) 'content'
    AND pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica'
  THEN RETURN true; END IF;
  RAISE EXCEPTION 'the session of % does not have the pinned settings', session_user
    USING ERRCODE = 'SL004', HINT = 'Run docs/guide/roles.sql again.';
END $f$;
