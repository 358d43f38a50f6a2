import { PINNED_TARGET_SETTINGS } from '../../../core/settings';
import { HAS_OLDER_TABLES, HAS_TABLES } from './installed';

const settingNames = Object.keys(PINNED_TARGET_SETTINGS)
  .map((name) => `('${name}')`)
  .join(', ');

/** Before PostgreSQL 16 every member may SET ROLE; since then a membership says so, and the role's maker has only its ADMIN. */
const ACTING_LOGINS = `SELECT o.rolname AS name FROM pg_catalog.pg_roles AS o
  WHERE o.rolcanlogin AND NOT o.rolsuper AND o.rolname <> session_user
    AND (pg_has_role(o.oid, r.oid, 'USAGE')
      OR pg_has_role(o.oid, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END))`;

const OTHER_APPLICATIONS = `SELECT DISTINCT a.application_name AS name FROM pg_catalog.pg_stat_activity AS a
  WHERE a.usename = session_user AND a.datname = current_database() AND a.backend_type = 'client backend'
    AND a.application_name <> current_setting('application_name')`;

const PUBLICATIONS_OF_ALL = `SELECT p.pubname AS name FROM pg_catalog.pg_publication AS p
  WHERE p.puballtables AND EXISTS (
    SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.plugin = 'pgoutput' AND s.database = current_database())`;

/** A JSON array of the first names, in order. */
const listOf = (names: string, most: number): string =>
  `(SELECT coalesce(json_agg(l.name), '[]') FROM (${names} ORDER BY name LIMIT ${most}) AS l)`;

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
  'sluiceSchemaTaken', EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'sluice')
    AND NOT ${HAS_TABLES},
  'sluiceSchemaIsOlder', ${HAS_OLDER_TABLES},
  'actingLogins', ${listOf(ACTING_LOGINS, 20)},
  'otherApplications', ${listOf(OTHER_APPLICATIONS, 10)},
  'publicationsOfAll', ${listOf(PUBLICATIONS_OF_ALL, 10)},
  'preparedTransactions', (SELECT count(*) FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = current_database())
)::text AS facts
FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user`;
