-- Creates the trigger function of one capture from static SQL, so that every session caches its plans. A transaction
-- that changes rows without logging their keys always records a loss, unless it sees one that is already recorded.
-- Every login may execute that of a partitioned table, although not name it: otherwise creating a partition could fail,
-- because it clones the triggers with the rights of the partition's owner. Rows are compared as records, by the
-- types' own operators: an implicit cast of the application's could make an operator ambiguous, and then every write would fail.
CREATE OR REPLACE FUNCTION sluice.create_capture_function(p_capture sluice.capture, p_key text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
DECLARE
  v_old record = sluice.key_sql(p_capture, p_key, CASE WHEN p_capture.by_row THEN 'OLD' ELSE 'r' END);
  v_new record = sluice.key_sql(p_capture, p_key, CASE WHEN p_capture.by_row THEN 'NEW' ELSE 'r' END);
  v_entry text = 'INSERT INTO sluice.change_log (capture, partition, key) SELECT %s, %s, ARRAY[%s]';
  v_of_old text = pg_catalog.format(v_entry, p_capture.id, v_old.row_slot, v_old.texts);
  v_of_new text = pg_catalog.format(v_entry, p_capture.id, v_new.row_slot, v_new.texts);
  v_of_both text;
  v_lost text = pg_catalog.format('INSERT INTO sluice.capture_loss (capture, why) SELECT %s, ', p_capture.id);
  v_name text = 'capture_' || p_capture.id;
BEGIN
  IF p_capture.by_row THEN
    v_of_both = pg_catalog.format('IF pg_catalog.record_ne(ROW(%s), ROW(%s)) THEN %s; END IF; %s',
      v_old.columns, v_new.columns, v_of_old, v_of_new);
  ELSE
    v_of_both = pg_catalog.format('%1$s FROM (SELECT %2$s FROM old_rows AS r UNION SELECT %2$s FROM new_rows AS r) AS r',
      v_of_old, v_old.columns);
    v_of_old = v_of_old || ' FROM old_rows AS r';
    v_of_new = v_of_new || ' FROM new_rows AS r';
  END IF;
  EXECUTE pg_catalog.format('CREATE SEQUENCE sluice.%I', v_name || '_over');
  EXECUTE pg_catalog.format('CREATE FUNCTION sluice.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp %s AS %L', v_name, CASE WHEN v_old.depends THEN 'SET DateStyle = ''ISO, YMD'' SET TimeZone = ''UTC'' SET IntervalStyle = ''postgres'' SET extra_float_digits = ''3'' SET bytea_output = ''hex'' SET lc_monetary = ''C''' ELSE '' END,
    pg_catalog.concat(
      'BEGIN IF (', sluice.over_cap_sql(p_capture), ') THEN ', v_lost,
        pg_catalog.format('%L WHERE NOT EXISTS (SELECT FROM sluice.capture_loss WHERE capture = %s);',
          sluice.over_cap_reason(p_capture.log_bytes_max), p_capture.id),
      ' ELSIF TG_OP = ''UPDATE'' THEN ', v_of_both, '; ELSIF TG_OP = ''INSERT'' THEN ', v_of_new,
      '; ELSIF TG_OP = ''DELETE'' THEN ', v_of_old, '; ELSE ', v_lost,
        'pg_catalog.format(''TRUNCATE emptied %I.%I without naming its rows'', TG_TABLE_SCHEMA, TG_TABLE_NAME);',
      ' END IF; RETURN NULL; END'));
  EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION sluice.%I() FROM PUBLIC', v_name);
  IF p_capture.by_row THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION sluice.%I() TO PUBLIC', v_name);
  END IF;
END $f$;
