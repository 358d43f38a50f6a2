-- Objects and rights that the schema files created, in order, so that an abort removes exactly those. `object` is the
-- oid in the catalog `class`. A grant has the schema's oid, and the login as its identity.
CREATE TABLE IF NOT EXISTS sluice.created (
  owner text NOT NULL,
  migration text NOT NULL,
  side text NOT NULL CHECK (side IN ('source', 'target')),
  position bigint NOT NULL,
  kind text NOT NULL,
  class oid NOT NULL,
  object oid NOT NULL,
  identity text NOT NULL,
  PRIMARY KEY (owner, migration, side, position)
);
