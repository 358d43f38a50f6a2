-- Raises SL002 unless a scope, or the prefix of scopes, is of a side's generation.
CREATE OR REPLACE FUNCTION sluice.assert_own_scope(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_scope text
) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  IF pg_catalog.starts_with(p_scope, pg_catalog.concat_ws('/', p_owner, p_migration, p_side, p_generation, '')) THEN RETURN; END IF;
  RAISE EXCEPTION 'scope % is not of generation % of the % of migration %', p_scope, p_generation, p_side, p_migration
    USING ERRCODE = 'SL002';
END $f$;
