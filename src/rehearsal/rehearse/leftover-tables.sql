-- Names every table of Sluice except those of the guard.
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'sluice' AND c.relkind = 'r' AND c.relname NOT IN ('guard', 'guarded') ORDER BY 1
