CREATE TABLE public.narrow (
  id bigint PRIMARY KEY,
  customer_id integer NOT NULL,
  status text NOT NULL,
  amount numeric(12, 2) NOT NULL,
  note text,
  placed_at timestamptz NOT NULL,
  reference uuid NOT NULL,
  paid boolean NOT NULL
);
CREATE TABLE public.wide (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  body text NOT NULL,
  attributes jsonb NOT NULL
);
