import { PINNED_TARGET_SETTINGS } from '../../../core/settings';

const settingNames = Object.keys(PINNED_TARGET_SETTINGS)
  .map((name) => `('${name}')`)
  .join(', ');

/** One row: a {@link ServerDescription} as JSON text. */
export const DESCRIBE_SERVER = `SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'encoding', (SELECT pg_encoding_to_char(d.encoding) FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()),
  'database', current_database(),
  'login', session_user,
  'isSuperuser', r.rolsuper,
  'bypassesRowSecurity', r.rolsuper OR r.rolbypassrls,
  'settings', (SELECT json_object_agg(s.name, current_setting(s.name)) FROM (VALUES ${settingNames}) AS s(name)),
  'inRecovery', pg_is_in_recovery(),
  'mayCreateSchema', has_database_privilege(current_database(), 'CREATE'),
  'mayCreateTemporary', has_database_privilege(current_database(), 'TEMPORARY'),
  'sluiceSchemaOwner', (SELECT pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'sluice'),
  'actsAsSluiceSchemaOwner', coalesce(
    (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'sluice'), true),
  'preparedTransactions', (SELECT count(*) FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = current_database())
)::text AS facts
FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user`;
