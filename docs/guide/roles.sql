-- Logins for Sluice. Run once per database by a superuser (on Aurora: a member of rds_superuser), in the database that is
-- moved, on the source and on the target. Replace the password, and store each login as a Secrets Manager secret.
--
-- sluice_owner   installs and removes Sluice's own objects: schema sluice, triggers on the mapped tables and on all of
--                their partitions. It must be able to act as their owner (a member of that role, or of each of those
--                roles) and to create a schema.
-- sluice_worker  moves rows. It owns nothing and nobody else may use it: the guard lets exactly this login through. Grant it
--                to nobody, and keep its password in its secret only.

CREATE ROLE sluice_owner LOGIN PASSWORD 'replace me' IN ROLE app_owner;
CREATE ROLE sluice_worker LOGIN PASSWORD 'replace me';

DO $$
BEGIN
  EXECUTE format('GRANT CREATE ON DATABASE %I TO sluice_owner', current_database());
END $$;

-- Lets preflight see for how long other sessions' transactions have been open, which could keep a fence waiting. Without it,
-- only those of the owner's own roles are seen.
GRANT pg_monitor TO sluice_owner;

-- Values travel as text: these settings make that text lossless, and the same on both ends.
ALTER ROLE sluice_worker SET datestyle = 'ISO, YMD';
ALTER ROLE sluice_worker SET timezone = 'UTC';
ALTER ROLE sluice_worker SET intervalstyle = 'postgres';
ALTER ROLE sluice_worker SET extra_float_digits = 3;
ALTER ROLE sluice_worker SET bytea_output = 'hex';
ALTER ROLE sluice_worker SET lc_monetary = 'C';
ALTER ROLE sluice_worker SET search_path = '';
ALTER ROLE sluice_worker SET default_transaction_isolation = 'read committed';
ALTER ROLE sluice_worker SET row_security = off;
ALTER ROLE sluice_worker SET xmloption = 'content';
ALTER ROLE sluice_worker SET statement_timeout = '40s';
ALTER ROLE sluice_worker SET lock_timeout = '5s';
ALTER ROLE sluice_worker SET idle_in_transaction_session_timeout = '20s';

-- Work is by key range: a plan that leaves the index would read the whole table for one page.
ALTER ROLE sluice_worker SET enable_seqscan = off;
ALTER ROLE sluice_worker SET enable_bitmapscan = off;
ALTER ROLE sluice_worker SET jit = off;
ALTER ROLE sluice_worker SET max_parallel_workers_per_gather = 0;

-- Target only: rows arrive as they are, so the application's triggers and foreign keys must not fire a second time.
ALTER ROLE sluice_worker SET session_replication_role = replica;

-- Grants on the mapped tables. Source: GRANT USAGE ON SCHEMA …; GRANT SELECT ON … TO sluice_worker.
-- Target (where the tables are there already): GRANT USAGE ON SCHEMA …; GRANT SELECT, INSERT, UPDATE, DELETE ON … TO sluice_worker.
-- Tables that Sluice makes from `targetSchema` are granted by Sluice.
