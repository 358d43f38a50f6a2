-- Lists what is in schema sluice, or has rights on it, and is not the current login's, each with its owner. An application
-- could have created the schema first, and later replace an object in it by one that runs as Sluice's owner. Sluice's tables
-- have no triggers, and it grants no right to create any.
SELECT pg_catalog.format('schema sluice belongs to %s', n.nspowner::regrole) AS found
FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'sluice' AND n.nspowner <> current_user::regrole
UNION ALL
SELECT pg_catalog.format('%s may create objects in schema sluice',
  CASE a.grantee WHEN 0 THEN 'every login' ELSE a.grantee::regrole::text END)
FROM pg_catalog.pg_namespace AS n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS a
WHERE n.nspname = 'sluice' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
UNION ALL
SELECT pg_catalog.format('%s belongs to %s', pg_catalog.pg_describe_object(o.class, o.oid, 0), o.owner::regrole)
FROM (
  SELECT 'pg_catalog.pg_class'::regclass AS class, oid, relnamespace AS namespace, relowner AS owner FROM pg_catalog.pg_class
  WHERE relkind NOT IN ('i', 'I', 'c')
  UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, pronamespace, proowner FROM pg_catalog.pg_proc
  UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace, oprowner FROM pg_catalog.pg_operator
  UNION ALL SELECT 'pg_catalog.pg_collation'::regclass, oid, collnamespace, collowner FROM pg_catalog.pg_collation
  UNION ALL SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace, conowner FROM pg_catalog.pg_conversion
  UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace, opcowner FROM pg_catalog.pg_opclass
  UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.oid, t.typnamespace, t.typowner FROM pg_catalog.pg_type AS t
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
    WHERE t.typtype IN ('b', 'd', 'e', 'r') AND t.typelem = 0 OR c.relkind = 'c'
) AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.namespace
WHERE n.nspname = 'sluice' AND o.owner <> current_user::regrole
UNION ALL
SELECT pg_catalog.format('%s has the right %s on %s', CASE a.grantee WHEN 0 THEN 'every login' ELSE a.grantee::regrole::text END,
  a.privilege_type, pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, c.oid, 0))
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
WHERE n.nspname = 'sluice' AND a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') AND a.grantee <> c.relowner
UNION ALL
SELECT pg_catalog.format('%s runs function %s', pg_catalog.pg_describe_object('pg_catalog.pg_trigger'::regclass, t.oid, 0),
  t.tgfoid::regprocedure)
FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'sluice' AND NOT t.tgisinternal
ORDER BY found
LIMIT 20
