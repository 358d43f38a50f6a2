-- Describes the guards of a source that are not sealed.
SELECT format('the guard of %s is %s', migration, state) AS leftover FROM sluice.guard
WHERE side = 'source' AND state <> 'sealed'
