-- Lists which of these tables have a guard that was not removed, as the owner's login sees them.
SELECT g.owner, g.environment, g.migration, g.side, g.state, g.generation, t.schema_name, t.table_name
FROM sluice.guard AS g JOIN sluice.guarded AS t ON t.owner = g.owner AND t.migration = g.migration AND t.side = g.side
WHERE g.state <> 'none' AND (t.schema_name, t.table_name) IN (
  SELECT e ->> 'schema', e ->> 'name' FROM jsonb_array_elements(CAST(:tables AS jsonb)) AS e)
