-- Reads the guard, the leases and the unguarded tables of a migration's side in one snapshot: those of one control plane,
-- $4, whatever others registered. Scopes of leases start with the owner, which is left out. A table
-- is guarded if the trigger fires for every session and its function lets no row pass.
SELECT
  (SELECT jsonb_build_object('state', state, 'epoch', epoch) FROM sluice.guard
     WHERE owner = $4 AND migration = $1 AND side = $2 AND state <> 'none') AS guard,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'token', token, 'seq', seq, 'open', open)), '[]')
     FROM (SELECT substr(scope, strpos(scope, '/') + 1) AS scope, token, seq, open FROM sluice.lease
           WHERE starts_with(scope, concat($4::text, '/'))) AS lease
     WHERE starts_with(scope, concat_ws('/', $1::text, $2::text, ''))) AS leases,
  (SELECT coalesce(jsonb_agg(name), '[]') FROM unnest($3::text[]) AS name
     WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (
       SELECT FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid WHERE t.tgrelid = to_regclass(name)
         AND t.tgname ~ '^sluice_guard_[0-9]+$' AND t.tgenabled = 'A' AND strpos(f.prosrc, 'IF false THEN') > 0 AND EXISTS (
           SELECT FROM sluice.guarded AS g WHERE g.owner = $4 AND g.migration = $1 AND g.side = $2
             AND g.relation = t.tgrelid))) AS unguarded
