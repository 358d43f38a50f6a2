-- Locks a table and its partitions against writers, all within the time of one attempt, and returns them.
CREATE OR REPLACE FUNCTION sluice.lock_tree(p_schema text, p_name text, p_lock_ms integer) RETURNS oid[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_name text = pg_catalog.format('%I.%I', p_schema, p_name);
  v_tree oid[] = sluice.lock_trees(ARRAY[v_name::regclass::oid], 'SHARE ROW EXCLUSIVE', p_lock_ms, p_lock_ms);
BEGIN
  IF v_name::regclass::oid <> v_tree[1] THEN
    RAISE EXCEPTION '% was replaced before it was locked', v_name USING ERRCODE = 'lock_not_available';
  END IF;
  RETURN v_tree;
END $f$;
