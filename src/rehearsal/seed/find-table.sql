SELECT n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS quoted, r.rolname AS owner
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_roles AS r ON r.oid = c.relowner
WHERE c.oid = to_regclass($1)
