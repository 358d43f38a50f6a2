-- Names Sluice's capture triggers on tables: all of its triggers except the guard's.
SELECT t.tgrelid::regclass::text AS table, quote_ident(t.tgname) AS trigger
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'sluice' AND t.tgname NOT LIKE 'sluice\_guard%' AND t.tgparentid = 0 AND t.tgenabled <> 'D'
  AND t.tgrelid = ANY ($1::regclass[]) ORDER BY 1, 2
