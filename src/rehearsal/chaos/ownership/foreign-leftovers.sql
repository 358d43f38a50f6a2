-- Describes what belongs to other control planes than $1. Removed guards stay, in state `none`.
SELECT format('a guard of the %s, %s, of control plane %s', side, state, owner) AS leftover
  FROM sluice.guard WHERE owner <> $1 AND state <> 'none'
UNION ALL
SELECT format('guarded table %I.%I of control plane %s', schema_name, table_name, owner)
  FROM sluice.guarded WHERE owner <> $1
UNION ALL
SELECT format('a capture of %s of control plane %s', table_name, owner) FROM sluice.capture WHERE owner <> $1
UNION ALL
SELECT format('created object %s of control plane %s', identity, owner) FROM sluice.created WHERE owner <> $1
UNION ALL
SELECT format('lease %s', scope) FROM sluice.lease WHERE NOT starts_with(scope, concat($1::text, '/'))
