-- Creates a side's tables from the definition's schema files and records every new object, in one transaction, so
-- that an abort can drop exactly those. Does nothing if this was done before, or if every mapped table exists.
-- Returns how many objects and rights it recorded.
CREATE OR REPLACE FUNCTION sluice.create_target(p_migration text, p_side text, p_files text, p_tables text, p_worker text)
RETURNS integer LANGUAGE plpgsql AS $f$
DECLARE
  v_file text;
  v_item record;
  v_position bigint = 0;
  v_schema text;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(8241736019527);
  IF EXISTS (SELECT FROM sluice.created WHERE migration = p_migration AND side = p_side) THEN RETURN 0; END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(p_tables::jsonb) AS t
                 WHERE pg_catalog.to_regclass(pg_catalog.format('%I.%I', t ->> 'schema', t ->> 'name')) IS NULL) THEN
    RETURN 0;
  END IF;
  CREATE TEMP TABLE sluice_before ON COMMIT DROP AS SELECT * FROM sluice.inventory();
  FOR v_file IN SELECT pg_catalog.jsonb_array_elements_text(p_files::jsonb) LOOP
    EXECUTE v_file;
  END LOOP;
  FOR v_item IN
    SELECT a.kind, a.identity FROM sluice.inventory() AS a
    WHERE NOT EXISTS (SELECT FROM sluice_before AS b WHERE b.kind = a.kind AND b.identity = a.identity)
    ORDER BY a.born
  LOOP
    v_position = v_position + 1;
    INSERT INTO sluice.created VALUES (p_migration, p_side, v_position, v_item.kind, v_item.identity);
    IF v_item.kind = 'schema' THEN
      EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', v_item.identity, p_worker);
    ELSIF v_item.kind = 'table' THEN
      EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', v_item.identity, p_worker);
      SELECT relnamespace::regnamespace::text INTO v_schema FROM pg_catalog.pg_class
        WHERE oid = v_item.identity::regclass AND NOT pg_catalog.has_schema_privilege(p_worker, relnamespace, 'USAGE');
      CONTINUE WHEN v_schema IS NULL;
      EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I', v_schema, p_worker);
      v_position = v_position + 1;
      INSERT INTO sluice.created
        VALUES (p_migration, p_side, v_position, 'grant',
          pg_catalog.format('USAGE ON SCHEMA %s FROM %I', v_schema, p_worker));
    END IF;
  END LOOP;
  RETURN v_position;
END $f$;
