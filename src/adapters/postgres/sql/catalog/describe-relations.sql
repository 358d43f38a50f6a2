-- Describes the existing tables among those of parameter `tables`, JSON text `[{"schema": …, "name": …}, …]`. Result:
-- rows (position, oid, relkind, columns, hidden, facts), with the position in the parameter from 1. It needs only the
-- right to connect.
SELECT w.position AS position, c.oid::text AS oid, c.relkind::text AS relkind,
  c.relnatts::int8 AS columns, row_security_active(c.oid) OR leaf.has_foreign AS hidden, json_build_object(
  'isPartition', c.relispartition,
  'hasInheritanceChildren', c.relkind <> 'p' AND EXISTS (
    SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid),
  'isInheritanceChild', NOT c.relispartition AND EXISTS (
    SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid),
  'hasForeignPartitions', leaf.has_foreign,
  'isTemporaryOrUnlogged', c.relpersistence <> 'p' OR leaf.has_unlogged,
  'owner', pg_get_userbyid(c.relowner),
  'loginIsMemberOfOwner', pg_has_role(c.relowner, 'MEMBER'),
  'loginActsAsOwner', pg_has_role(c.relowner, 'USAGE'),
  'partitionsOfOthers', (WITH tree AS (SELECT c.oid AS oid UNION SELECT t.relid::oid FROM pg_partition_tree(c.oid::regclass) AS t)
    SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT p.oid::regclass::text AS name FROM tree JOIN pg_catalog.pg_class AS p ON p.oid = tree.oid
    WHERE p.oid <> c.oid AND NOT pg_has_role(p.relowner, 'USAGE') ORDER BY name LIMIT 10) AS l),
  'subscriptions', (WITH tree AS (SELECT c.oid AS oid UNION SELECT t.relid::oid FROM pg_partition_tree(c.oid::regclass) AS t)
    SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT DISTINCT s.subname AS name FROM tree
    JOIN pg_catalog.pg_subscription_rel AS r ON r.srrelid = tree.oid
    JOIN pg_catalog.pg_subscription AS s ON s.oid = r.srsubid ORDER BY name) AS l),
  'reservedTriggers', (WITH tree AS (SELECT c.oid AS oid UNION SELECT t.relid::oid FROM pg_partition_tree(c.oid::regclass) AS t)
    SELECT coalesce(json_agg(l.name), '[]') FROM (SELECT DISTINCT t.tgname AS name FROM tree JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.oid
    JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
    WHERE NOT t.tgisinternal AND starts_with(t.tgname, 'sluice_') AND fn.nspname <> 'sluice' ORDER BY name LIMIT 10) AS l),
  'writeRules', (SELECT coalesce(json_agg(r.rulename ORDER BY r.rulename), '[]') FROM pg_catalog.pg_rewrite AS r
    WHERE r.ev_class = c.oid AND r.ev_type IN ('2', '3')),
  'rowSecurity', c.relrowsecurity,
  'guardedBy', (
    SELECT json_build_object('migration', a.args[1], 'side', CASE WHEN a.args[2] IN ('source', 'target') THEN a.args[2] END)
    FROM pg_catalog.pg_trigger AS t
    CROSS JOIN LATERAL (SELECT string_to_array(encode(t.tgargs, 'escape'), '\000') AS args) AS a
    WHERE t.tgrelid IN (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AND starts_with(t.tgname, 'sluice_guard')
    ORDER BY t.tgrelid LIMIT 1),
  'privileges', json_build_object(
    'usage', has_schema_privilege(n.oid, 'USAGE'),
    'select', has_table_privilege(c.oid, 'SELECT'),
    'insert', has_table_privilege(c.oid, 'INSERT'),
    'update', has_table_privilege(c.oid, 'UPDATE'),
    'delete', has_table_privilege(c.oid, 'DELETE')),
  'ownRights', (SELECT coalesce(json_agg(r.name), '[]')
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS r(name)
    WHERE has_table_privilege(c.oid, r.name) AND NOT has_table_privilege('public', c.oid, r.name)),
  'heapBytes', leaf.heap_bytes,
  'toastBytes', leaf.toast_bytes,
  'rowsEstimated', leaf.rows_estimated
)::text AS facts
FROM json_array_elements(CAST(:tables AS json)) WITH ORDINALITY AS w(item, position)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = CAST(w.item ->> 'schema' AS name)
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = CAST(w.item ->> 'name' AS name)
CROSS JOIN LATERAL (
  SELECT
    coalesce(bool_or(p.relkind = 'f'), false) AS has_foreign,
    coalesce(bool_or(p.relpersistence <> 'p'), false) AS has_unlogged,
    coalesce(sum(pg_relation_size(p.oid)), 0)::int8 AS heap_bytes,
    coalesce(sum(pg_relation_size(nullif(p.reltoastrelid, 0))), 0)::int8 AS toast_bytes,
    CASE WHEN bool_or(p.reltuples >= 0) THEN sum(greatest(p.reltuples::float8, 0))::int8 ELSE -1 END AS rows_estimated
  FROM (
    SELECT c.oid AS oid WHERE c.relkind <> 'p'
    UNION
    SELECT t.relid::oid FROM pg_partition_tree(c.oid::regclass) AS t WHERE t.isleaf
  ) AS l
  JOIN pg_catalog.pg_class AS p ON p.oid = l.oid
) AS leaf
