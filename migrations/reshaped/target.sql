-- Made by Sluice when the migration is prepared, in one transaction, as its owner login.

CREATE SCHEMA people AUTHORIZATION app_owner;
SET LOCAL ROLE app_owner;

CREATE TYPE people.standing AS ENUM ('prospect', 'customer', 'former');

CREATE TABLE people.persons (
  id bigint PRIMARY KEY,
  first_name text,
  last_name text NOT NULL CHECK (last_name <> ''),
  initials text GENERATED ALWAYS AS (upper(left(coalesce(first_name, ''), 1) || left(last_name, 1))) STORED,
  email text,
  phone text CHECK (phone ~ '^\+\d{8,15}$'),
  phone_problem text,
  address text,
  visits integer NOT NULL,
  balance numeric(12, 2) NOT NULL,
  joined_at timestamptz NOT NULL,
  standing people.standing,
  tags text[],
  note text,
  CHECK ((phone IS NULL) <> (phone_problem IS NULL))
);
CREATE INDEX persons_by_name ON people.persons (last_name, first_name);

CREATE TABLE people.calls (
  id uuid PRIMARY KEY,
  person_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  length interval NOT NULL,
  outcome text NOT NULL
);
CREATE INDEX calls_of_person ON people.calls (person_id, started_at);

GRANT USAGE ON SCHEMA people TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA people TO app;

RESET ROLE;
