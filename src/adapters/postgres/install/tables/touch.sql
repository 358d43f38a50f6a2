-- `touch`: how often an applier wrote to a chunk, in rows of its own. `skipped`: keys that a copier left to the
-- appliers. The C collation lets the index find a prefix.
CREATE TABLE IF NOT EXISTS sluice.touch (
  chunk_scope text COLLATE "C" NOT NULL,
  applier_scope text NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (chunk_scope, applier_scope)
) WITH (fillfactor = 50);
