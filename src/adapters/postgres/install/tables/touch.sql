-- How often each applier wrote to each chunk, in separate rows per applier, so that appliers do not wait for each other. The C
-- collation lets the index find a prefix.
CREATE TABLE IF NOT EXISTS sluice.touch (
  chunk_scope text COLLATE "C" NOT NULL,
  applier_scope text NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (chunk_scope, applier_scope)
) WITH (fillfactor = 50);
