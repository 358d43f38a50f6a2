-- The same tables, in a separate schema.

CREATE SCHEMA bank AUTHORIZATION app_owner;
SET LOCAL ROLE app_owner;

CREATE TABLE bank.branches (bid integer PRIMARY KEY, bbalance integer, filler character(88));
CREATE TABLE bank.tellers (tid integer PRIMARY KEY, bid integer, tbalance integer, filler character(84));
CREATE TABLE bank.accounts (aid integer PRIMARY KEY, bid integer, abalance integer, filler character(84));
CREATE TABLE bank.history (
  hid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tid integer,
  bid integer,
  aid integer,
  delta integer,
  mtime timestamp,
  filler character(22)
);

GRANT USAGE ON SCHEMA bank TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bank TO app;

RESET ROLE;
