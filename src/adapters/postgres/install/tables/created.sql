-- Objects and rights that the schema files created, in order, so that an abort removes exactly those.
CREATE TABLE IF NOT EXISTS sluice.created (
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  position bigint NOT NULL,
  kind text NOT NULL,
  identity text NOT NULL,
  PRIMARY KEY (migration, side, position)
);
