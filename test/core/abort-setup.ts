/** Two origins of the tables of a target, and the objects that an abort must keep. */
import type { Setup, Trial } from '../support/world';

const OBJECTS = `
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v = upper(NEW.v); RETURN NEW; END $$;
  CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, m mood, n positive);
  CREATE TABLE child (id serial, parent_id bigint NOT NULL REFERENCES parent ON DELETE CASCADE, v text, PRIMARY KEY (id, parent_id))
    PARTITION BY HASH (parent_id);
  CREATE TABLE child_0 PARTITION OF child FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE child_1 PARTITION OF child FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE INDEX ON child (v);
  CREATE VIEW loud AS SELECT p.id, c.v FROM parent AS p JOIN child AS c ON c.parent_id = p.id;
  CREATE TRIGGER shouting BEFORE INSERT OR UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION shout();
  CREATE TRIGGER quiet BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION shout();
  ALTER TABLE child DISABLE TRIGGER quiet;
  CREATE TABLE bystander (id int PRIMARY KEY)`;
const SEED = `
  INSERT INTO parent (v, m, n) SELECT 'p' || n, 'ok', n FROM generate_series(1, 150) AS n;
  INSERT INTO child (parent_id, v) SELECT n, 'c' || n FROM generate_series(1, 150) AS n; ANALYZE`;
const MAP = ['child', 'parent'];

/** Tables that are in the target before. */
export const THERE: Setup = { tables: OBJECTS, seed: SEED, map: MAP };
/** Tables that Sluice makes in the target, from files. */
export const MADE: Setup = {
  tables: OBJECTS,
  target: "CREATE TABLE bystander (id int PRIMARY KEY); CREATE TYPE kept AS ENUM ('a')",
  seed: SEED,
  map: MAP.map((name) => ({ source: `shop.${name}`, target: `made.${name}` })),
  files: {
    'first.sql':
      'CREATE SCHEMA made AUTHORIZATION app_owner; SET LOCAL ROLE app_owner; SET LOCAL search_path = made;',
    'second.sql': `${OBJECTS.replace('CREATE TABLE bystander (id int PRIMARY KEY)', '')}
      CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM loud; CREATE SEQUENCE spare;
      CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int); CREATE PROCEDURE noop(a int) LANGUAGE sql AS 'SELECT 1';
      CREATE EXTENSION hstore SCHEMA made; RESET ROLE;`,
  },
};

/** State that an abort must restore. */
export async function stateOf({ source, target }: Trial) {
  return {
    source: {
      schema: await source.schema(),
      rows: [await source.content('parent'), await source.content('child')],
    },
    target: { schema: await target.schema(), rows: await target.rows('bystander') },
  };
}

export async function assertAborted(trial: Trial, reason: string): Promise<void> {
  expect(await trial.source.traces()).toEqual([]);
  expect(await trial.target.traces()).toEqual([]);
  expect(await trial.control.recordOrFail(trial.name)).toMatchObject({
    status: 'aborted',
    writes: 'source',
    execution: null,
    stage: null,
    reason,
  });
  const [last] = await trial.control.journal.last(trial.name, 1);
  expect(last).toMatchObject({ event: 'aborted', evidence: { reason } });
  expect(await trial.control.journal.firstBroken(trial.name)).toBeNull();
  await trial.source.sql(`UPDATE parent SET v = v; UPDATE child SET v = v`, 'app');
}
