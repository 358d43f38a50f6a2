-- Returns the SQL of a value that no row has, for a column of a row aliased t: random within the range of the type
-- and its modifier. Odd attempts keep the start of the existing text, or choose a negative number or a date far in
-- the future; even attempts do not. Returns NULL for a type without such a value.
CREATE OR REPLACE FUNCTION sluice.parking_value(p_column text, p_type oid, p_modifier integer, p_attempt integer)
RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_type pg_catalog.pg_type;
  v_modifier integer = p_modifier;
  v_length integer;
  v_sign text = CASE p_attempt % 2 WHEN 1 THEN '-' ELSE '' END;
  v_days text = CASE p_attempt % 2 WHEN 1 THEN 'date ''5000-01-01''' ELSE 'date ''0001-01-01''' END;
  v_hex text = 'replace(pg_catalog.gen_random_uuid()::text, ''-'', '''')';
BEGIN
  SELECT * INTO v_type FROM pg_catalog.pg_type WHERE oid = p_type;
  WHILE v_type.typtype = 'd' LOOP
    v_modifier = CASE WHEN v_modifier < 0 THEN v_type.typtypmod ELSE v_modifier END;
    SELECT * INTO v_type FROM pg_catalog.pg_type WHERE oid = v_type.typbasetype;
  END LOOP;
  v_length = CASE WHEN v_modifier > 4 THEN v_modifier - 4 ELSE 200 END;
  RETURN CASE
    WHEN v_type.typname = 'int2' THEN v_sign || '(1 + random() * 32766)::int2'
    WHEN v_type.typname = 'int4' THEN v_sign || '(1073741824 + random() * 1073741823)::int4'
    WHEN v_type.typname = 'int8' THEN v_sign || '(4611686018427387904 + random() * 4611686018427387000)::int8'
    WHEN v_type.typname = 'numeric' THEN v_sign || pg_catalog.format('(random()::numeric * power(10::numeric, %s))',
      CASE WHEN v_modifier < 0 THEN 30
        ELSE ((v_modifier - 4) >> 16 & 65535) - (((v_modifier - 4 & 2047) # 1024) - 1024) END)
    WHEN v_type.typname IN ('float4', 'float8') THEN v_sign || '(random() * 1e30)'
    WHEN v_type.typname IN ('text', 'varchar', 'bpchar', 'citext') THEN
      CASE WHEN v_length > 12 AND p_attempt % 2 = 1
        THEN pg_catalog.format('left(coalesce(t.%I, ''''), %s) || left(%s, 12)', p_column, least(v_length, 200) - 12, v_hex)
        ELSE pg_catalog.format('left(%s, %s)', v_hex, v_length) END
    WHEN v_type.typname = 'uuid' THEN 'pg_catalog.gen_random_uuid()'
    WHEN v_type.typname = 'date' THEN v_days || ' + (random() * 300000)::int4'
    WHEN v_type.typname IN ('timestamp', 'timestamptz') THEN
      v_days || ' + pg_catalog.make_interval(secs => random() * 300000 * 86400)'
    WHEN v_type.typname = 'bytea' THEN pg_catalog.format('pg_catalog.decode(%s, ''hex'')', v_hex)
    WHEN v_type.typname = 'inet' THEN '''fd00::''::inet + (random() * 4611686018427387904)::int8'
  END;
END $f$;
