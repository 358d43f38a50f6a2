-- Describes the server and the session's login, in one row: a {@link ServerDescription} as JSON text.
SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'encoding', (SELECT pg_encoding_to_char(d.encoding) FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()),
  'database', current_database(),
  'login', session_user,
  'isSuperuser', r.rolsuper,
  'bypassesRowSecurity', r.rolsuper OR r.rolbypassrls,
  'settings', (SELECT json_object_agg(s.name, current_setting(s.name)) FROM (VALUES ('DateStyle'), ('TimeZone'), ('IntervalStyle'), ('extra_float_digits'), ('bytea_output'), ('lc_monetary'), ('search_path'), ('default_transaction_isolation'), ('row_security'), ('xmloption'), ('session_replication_role')) AS s(name)),
  'inRecovery', pg_is_in_recovery(),
  'mayCreateSchema', has_database_privilege(current_database(), 'CREATE'),
  'mayCreateTemporary', has_database_privilege(current_database(), 'TEMPORARY'),
  'sluiceSchemaOwner', (SELECT pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'sluice'),
  'actsAsSluiceSchemaOwner', coalesce(
    (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'sluice'), true),
  'sluiceSchemaTaken', EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'sluice')
    AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = 'epoch'),
  'sluiceSchemaIsOlder', (EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = 'epoch') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'sluice' AND c.relname = 'guard' AND a.attname = 'worker')),
  'actingLogins', (SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT o.rolname AS name FROM pg_catalog.pg_roles AS o
  WHERE o.rolcanlogin AND NOT o.rolsuper AND o.rolname <> session_user
    AND (pg_has_role(o.oid, r.oid, 'USAGE')
      OR pg_has_role(o.oid, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)) ORDER BY name LIMIT 20) AS l),
  'otherApplications', (SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT DISTINCT a.application_name AS name FROM pg_catalog.pg_stat_activity AS a
  WHERE a.usename = session_user AND a.datname = current_database() AND a.backend_type = 'client backend'
    AND a.application_name <> current_setting('application_name') ORDER BY name LIMIT 10) AS l),
  'publicationsOfAll', (SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT p.pubname AS name FROM pg_catalog.pg_publication AS p
  WHERE p.puballtables AND EXISTS (
    SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.plugin = 'pgoutput' AND s.database = current_database()) ORDER BY name LIMIT 10) AS l),
  'seesOtherSessions', pg_has_role('pg_read_all_stats', 'USAGE'),
  'preparedTransactions', (SELECT count(*) FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = current_database())
)::text AS facts
FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user
