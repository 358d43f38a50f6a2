-- Describes the triggers of Sluice except those of the guard.
SELECT format('trigger %s on %s', t.tgname, t.tgrelid::regclass) AS leftover
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'sluice' AND NOT starts_with(t.tgname, 'sluice_guard') AND t.tgparentid = 0
ORDER BY 1
