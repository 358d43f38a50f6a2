-- Lists the guards of a migration's side, of every control plane and in every state, as the owner's login sees them.
SELECT g.owner, g.environment, g.ends::text AS ends, g.generation, g.epoch, g.state,
  g.deadline IS NOT NULL AND clock_timestamp() >= g.deadline
    - CASE WHEN g.server <> pg_postmaster_start_time() THEN interval '1 minute' ELSE interval '0' END AS expired,
  (SELECT coalesce(json_agg(t.schema_name || '.' || t.table_name ORDER BY t.schema_name, t.table_name), '[]')::text
   FROM sluice.guarded AS t WHERE t.owner = g.owner AND t.migration = g.migration AND t.side = g.side) AS tables,
  (SELECT count(*) FROM sluice.lease AS l WHERE starts_with(l.scope, concat_ws('/', g.owner, g.migration, g.side, ''))) AS leases,
  (SELECT count(*) FROM sluice.capture AS c WHERE c.owner = g.owner AND c.migration = g.migration AND c.side = g.side) AS captures
FROM sluice.guard AS g WHERE g.migration = :migration AND g.side = :side ORDER BY g.owner
