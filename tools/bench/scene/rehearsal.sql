-- The rows that the benchmark moves: `sluice.rows` narrow rows of about 140 bytes, like order lines of a shop, and a
-- fiftieth as many wide rows of 1 to 8 KB of text and JSON.

CREATE TABLE public.narrow (
  id bigint NOT NULL,
  customer_id integer NOT NULL,
  status text NOT NULL,
  amount numeric(12, 2) NOT NULL,
  note text,
  placed_at timestamptz NOT NULL,
  reference uuid NOT NULL,
  paid boolean NOT NULL
);
INSERT INTO public.narrow
SELECT n, (hashint8(n) & 1048575), (ARRAY['placed', 'paid', 'packed', 'shipped', 'returned'])[1 + n % 5],
  (hashint8(n) & 1048575) / 100.0,
  CASE WHEN n % 11 = 0 THEN NULL ELSE 'note ' || n || ' of an ordinary length, with a "quote"' END,
  timestamptz '2024-01-01 00:00:00Z' + n * interval '7 seconds', md5(n::text)::uuid, n % 3 = 0
FROM generate_series(1, current_setting('sluice.rows')::bigint) AS n;
ALTER TABLE public.narrow ADD PRIMARY KEY (id);

CREATE TABLE public.wide (
  id uuid NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  attributes jsonb NOT NULL
);
INSERT INTO public.wide
SELECT md5('wide' || n)::uuid, 'document ' || n,
  (SELECT string_agg(md5((n * 1000 + i)::text), ' ') FROM generate_series(1, 20 + n % 180) AS i),
  jsonb_build_object('tags', (SELECT jsonb_agg(md5(i::text)) FROM generate_series(1, 1 + n % 40) AS i), 'rank', n)
FROM generate_series(1, greatest(1, current_setting('sluice.rows')::bigint / 50)) AS n;
ALTER TABLE public.wide ADD PRIMARY KEY (id);
