-- Raises SL004 unless the session has the settings under which a value's text is lossless. Every statement that
-- carries rows to the target calls it.
CREATE OR REPLACE FUNCTION sluice.assert_target_session() RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
BEGIN
  IF pg_catalog.current_setting('DateStyle') = 'ISO, YMD'
    AND pg_catalog.current_setting('TimeZone') = 'UTC'
    AND pg_catalog.current_setting('IntervalStyle') = 'postgres'
    AND pg_catalog.current_setting('extra_float_digits') = '3'
    AND pg_catalog.current_setting('bytea_output') = 'hex'
    AND pg_catalog.current_setting('lc_monetary') = 'C'
    AND pg_catalog.current_setting('search_path') = '""'
    AND pg_catalog.current_setting('default_transaction_isolation') = 'read committed'
    AND pg_catalog.current_setting('row_security') = 'off'
    AND pg_catalog.current_setting('xmloption') = 'content'
    AND pg_catalog.current_setting('session_replication_role') = 'replica'
  THEN RETURN true; END IF;
  RAISE EXCEPTION 'the session of % does not have the pinned settings', session_user
    USING ERRCODE = 'SL004', HINT = 'Run docs/guide/roles.sql again.';
END $f$;
