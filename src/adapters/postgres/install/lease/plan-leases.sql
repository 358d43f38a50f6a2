-- Creates the leases of a table's chunks, all or none, and returns how many there are; an existing plan stays. Chunk n runs
-- from boundary n - 1 up to boundary n. Unless `p_closed_from` is null, one more chunk starts there, and is closed from the start.
-- The caller repeats a call that fails because the same plan was written concurrently.
CREATE OR REPLACE FUNCTION sluice.plan_leases(
  p_owner text, p_migration text, p_side text, p_generation bigint, p_epoch bigint,
  p_prefix text, p_boundaries text, p_closed_from text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
BEGIN
  PERFORM sluice.assert_authority(p_owner, p_migration, p_side, p_generation, p_epoch);
  PERFORM sluice.assert_own_scope(p_owner, p_migration, p_side, p_generation, p_prefix);
  INSERT INTO sluice.lease (scope, token, lower, upper)
  SELECT p_prefix || (row_number() OVER (ORDER BY c.n) - 1),
    CASE WHEN c.key IS NULL AND p_closed_from IS NOT NULL THEN 1 ELSE 0 END, lag(c.key) OVER (ORDER BY c.n), c.key
  FROM (
    SELECT e.n, e.key::text[] AS key FROM pg_catalog.jsonb_array_elements_text(p_boundaries::jsonb) WITH ORDINALITY AS e(key, n)
    UNION ALL SELECT 1000000, p_closed_from::text[] WHERE p_closed_from IS NOT NULL
    UNION ALL SELECT 2000000, NULL
  ) AS c
  WHERE NOT EXISTS (SELECT FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_prefix));
  RETURN (SELECT count(*) FROM sluice.lease WHERE pg_catalog.starts_with(scope, p_prefix));
END $f$;
