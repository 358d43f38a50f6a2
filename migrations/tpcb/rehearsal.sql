-- pgbench's tables, of a scale of `sluice.rows` / 100,000. The history gets a key: without one, a row has no name.

CREATE FUNCTION pg_temp.scale() RETURNS integer LANGUAGE sql STABLE
  RETURN greatest(1, current_setting('sluice.rows')::integer / 100000);

CREATE TABLE public.pgbench_branches (bid integer NOT NULL, bbalance integer, filler character(88));
CREATE TABLE public.pgbench_tellers (tid integer NOT NULL, bid integer, tbalance integer, filler character(84));
CREATE TABLE public.pgbench_accounts (aid integer NOT NULL, bid integer, abalance integer, filler character(84));
CREATE TABLE public.pgbench_history (
  hid bigint GENERATED ALWAYS AS IDENTITY,
  tid integer,
  bid integer,
  aid integer,
  delta integer,
  mtime timestamp,
  filler character(22)
);

INSERT INTO public.pgbench_branches SELECT n, 0 FROM generate_series(1, pg_temp.scale()) AS n;
INSERT INTO public.pgbench_tellers SELECT n, (n - 1) / 10 + 1, 0 FROM generate_series(1, pg_temp.scale() * 10) AS n;
INSERT INTO public.pgbench_accounts
  SELECT n, (n - 1) % pg_temp.scale() + 1, 0, '' FROM generate_series(1, current_setting('sluice.rows')::integer) AS n;

ALTER TABLE public.pgbench_branches ADD PRIMARY KEY (bid);
ALTER TABLE public.pgbench_tellers ADD PRIMARY KEY (tid);
ALTER TABLE public.pgbench_accounts ADD PRIMARY KEY (aid);
ALTER TABLE public.pgbench_history ADD PRIMARY KEY (hid);

GRANT SELECT, INSERT, UPDATE, DELETE
  ON public.pgbench_branches, public.pgbench_tellers, public.pgbench_accounts, public.pgbench_history TO app;
