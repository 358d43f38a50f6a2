-- The old contact list that a rehearsal reshapes: `sluice.rows` contacts and twice as many calls. The same rows and seed
-- make the same data.

CREATE SCHEMA crm;

CREATE FUNCTION pg_temp.draw(n bigint, salt bigint) RETURNS bigint LANGUAGE sql STABLE
  RETURN hashint8extended(n, current_setting('sluice.seed')::bigint * 1000 + salt) & 1099511627775;

CREATE TABLE crm.contacts (
  id bigint NOT NULL,
  full_name character varying(80) NOT NULL,
  email text,
  phone text,
  country character(2),
  street text,
  zip character varying(10),
  city text,
  visits text,
  balance_cents integer NOT NULL,
  joined text NOT NULL,
  status smallint,
  tags text[],
  remark text,
  deleted boolean NOT NULL DEFAULT false
);
INSERT INTO crm.contacts
SELECT n * 2,
  CASE n % 13
    WHEN 0 THEN 'Cher' WHEN 1 THEN '  Zoë   Ångström ' WHEN 2 THEN 'María del Carmen ' || initcap(to_hex(name)) WHEN 3 THEN '日本 太郎'
    WHEN 4 THEN E'Jean-Luc\tO''Brien "' || n || '"' ELSE initcap(to_hex(name)) || ' ' || initcap(to_hex(pg_temp.draw(n, 2)))
  END,
  CASE WHEN n % 11 = 0 THEN NULL ELSE ' Contact' || n || '@Example.COM' END,
  CASE pg_temp.draw(n, 3) % 9
    WHEN 0 THEN '079' || local WHEN 1 THEN '079 ' || left(local, 3) || ' ' || substr(local, 4)
    WHEN 2 THEN '+41 79 ' || local WHEN 3 THEN '0041-79-' || local WHEN 4 THEN '+41 (0)79/' || local
    WHEN 5 THEN '079.' || local || ' ext. 12' WHEN 6 THEN 'please call ' || local WHEN 7 THEN '0' || left(local, 3) ELSE NULL
  END,
  CASE WHEN n % 17 = 0 THEN NULL ELSE 'CH' END,
  CASE WHEN n % 5 > 0 THEN 'Street ' || n % 500 END,
  CASE WHEN n % 7 > 0 THEN lpad((n % 9000)::text, 4, '0') END,
  CASE WHEN n % 6 > 0 THEN (ARRAY['Zürich', 'Genève', 'St. "Gallen"', 'a, b'])[1 + n % 4] END,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN ' ' || name % 100 ELSE (name % 1000)::text END,
  (name % 20000000 - 1000000)::integer,
  to_char(TIMESTAMP '2009-01-01' + name % 500000000 * interval '1 second', 'DD.MM.YYYY HH24:MI'),
  CASE WHEN n % 19 > 0 THEN (1 + n % 3)::smallint END,
  CASE n % 8 WHEN 0 THEN ARRAY['vip', 'a "b", c', NULL] WHEN 1 THEN '{}' END,
  CASE WHEN n % 3 = 0 THEN (ARRAY['', 'NULL', '\N', E'two\nlines', '{"a",NULL}', '🦊'])[1 + n / 3 % 6] END,
  name % 10 = 0
FROM generate_series(1, current_setting('sluice.rows')::bigint) AS n,
  LATERAL (SELECT pg_temp.draw(n, 1) AS name, lpad((pg_temp.draw(n, 4) % 10000000)::text, 7, '0') AS local OFFSET 0) AS drawn;

CREATE TABLE crm.calls (
  id uuid NOT NULL,
  contact bigint NOT NULL,
  at_epoch bigint NOT NULL,
  seconds text NOT NULL,
  outcome text NOT NULL
);
INSERT INTO crm.calls
SELECT md5(n || ':' || current_setting('sluice.seed'))::uuid,
  2 * (1 + pg_temp.draw(n, 5) % current_setting('sluice.rows')::bigint),
  1200000000 + pg_temp.draw(n, 6) % 500000000,
  (pg_temp.draw(n, 7) % 10000)::text,
  (ARRAY['reached', 'busy', 'no answer', 'test'])[1 + pg_temp.draw(n, 8) % 4]
FROM generate_series(1, current_setting('sluice.rows')::bigint * 2) AS n;

ALTER TABLE crm.contacts ADD PRIMARY KEY (id);
ALTER TABLE crm.calls ADD PRIMARY KEY (id);

GRANT USAGE ON SCHEMA crm TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON crm.contacts, crm.calls TO app;
