-- The guard of one side of a migration, which belongs to one control plane. `ends`: the names of the databases at both ends
-- when it was registered, as {source, target}; a restored copy of one keeps the original's. `id` names its trigger function, guard_<id>. A
-- removed guard stays in state `none` with the epoch of its removal, so that older calls are refused. `worker`: the login that
-- passes a side that only Sluice may write to. `server`: start of the
-- server that set the deadline; on another one it is a minute earlier. `triggers`: versions of
-- the guard's triggers, function and partitions, and facts about its tables, when it was fenced or darkened. `advanced`: by sequence, the epoch of its last advance and the
-- position, so that a repeated call returns the same.
CREATE TABLE IF NOT EXISTS sluice.guard (
  id bigint GENERATED ALWAYS AS IDENTITY,
  owner text NOT NULL,
  environment text NOT NULL DEFAULT '',
  ends jsonb NOT NULL DEFAULT '{}',
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  generation bigint NOT NULL,
  epoch bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('none', 'open', 'fenced', 'sealed', 'dark', 'revoked', 'standby')),
  worker text NOT NULL DEFAULT '',
  deadline timestamptz,
  server timestamptz,
  triggers text[],
  advanced jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (owner, migration, side)
);
