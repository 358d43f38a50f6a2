-- Logins for Sluice. Run this file once in each database that takes part, source and target, as a superuser (on Aurora: a member of
-- rds_superuser). Replace the passwords, and store each login as a Secrets Manager secret. Only Sluice may use them: do not grant
-- one to any other role, and keep its password in its secret only.
--
-- sluice_owner    installs and removes Sluice's own objects: schema sluice, and triggers on the mapped tables and all of their
--                 partitions. It must be able to create a schema and to act as the owner of the tables, as a member of that role
--                 or of each of those roles.
-- sluice_control  opens and closes the guards, plans and revokes leases, and advances sequences, through functions that
--                 sluice_owner installs. It owns nothing and can read no table of the application.
-- sluice_worker   moves rows. It owns nothing, and can control nothing. The guard lets exactly this login through.
-- sluice_verifier compares the rows of both databases. It owns nothing and only reads.

CREATE ROLE sluice_owner LOGIN PASSWORD 'replace me' IN ROLE app_owner;
CREATE ROLE sluice_control LOGIN PASSWORD 'replace me';
CREATE ROLE sluice_worker LOGIN PASSWORD 'replace me';
CREATE ROLE sluice_verifier LOGIN PASSWORD 'replace me';

DO $$
BEGIN
  EXECUTE format('GRANT CREATE ON DATABASE %I TO sluice_owner', current_database());
END $$;

-- With the paths below, temporary objects cannot take the place of the system's. If no application needs temporary objects, revoke
-- the right all the same. The owner needs it in the target for `targetSchema`, and the worker in the source for expressions:
--   REVOKE TEMPORARY ON DATABASE … FROM PUBLIC; GRANT TEMPORARY ON DATABASE … TO sluice_owner, sluice_worker;

-- Lets preflight, and the check before a fence, see how long the transactions of other sessions have been open: a fence waits
-- for them. Without it, preflight refuses the migration.
GRANT pg_monitor TO sluice_owner;

-- Objects of the application's, in schema public or in the session's temporary schema, must not take the place of the system's.
ALTER ROLE sluice_owner SET search_path = pg_catalog, pg_temp;

-- Values are sent as text. These settings make the text lossless, and identical on both sides. The Data API may start sessions with a
-- datestyle, timezone and extra_float_digits of its own, which take precedence; any datestyle of ISO and any extra_float_digits
-- from 1 is lossless, too.
ALTER ROLE sluice_worker SET datestyle = 'ISO, YMD';
ALTER ROLE sluice_worker SET timezone = 'UTC';
ALTER ROLE sluice_worker SET intervalstyle = 'postgres';
ALTER ROLE sluice_worker SET extra_float_digits = 3;
ALTER ROLE sluice_worker SET bytea_output = 'hex';
ALTER ROLE sluice_worker SET lc_monetary = 'C';
ALTER ROLE sluice_worker SET search_path = pg_catalog, pg_temp;
ALTER ROLE sluice_worker SET default_transaction_isolation = 'read committed';
ALTER ROLE sluice_worker SET row_security = off;
ALTER ROLE sluice_worker SET xmloption = 'content';
ALTER ROLE sluice_verifier SET datestyle = 'ISO, YMD';
ALTER ROLE sluice_verifier SET timezone = 'UTC';
ALTER ROLE sluice_verifier SET intervalstyle = 'postgres';
ALTER ROLE sluice_verifier SET extra_float_digits = 3;
ALTER ROLE sluice_verifier SET bytea_output = 'hex';
ALTER ROLE sluice_verifier SET lc_monetary = 'C';
ALTER ROLE sluice_verifier SET search_path = pg_catalog, pg_temp;
ALTER ROLE sluice_verifier SET default_transaction_isolation = 'read committed';
ALTER ROLE sluice_verifier SET row_security = off;
ALTER ROLE sluice_verifier SET xmloption = 'content';

-- The functions read a guard again after they have waited for its lock, and their callers use no names of the application.
ALTER ROLE sluice_control SET search_path = pg_catalog, pg_temp;
ALTER ROLE sluice_control SET default_transaction_isolation = 'read committed';

ALTER ROLE sluice_control SET statement_timeout = '40s';
ALTER ROLE sluice_control SET lock_timeout = '5s';
ALTER ROLE sluice_control SET idle_in_transaction_session_timeout = '20s';
ALTER ROLE sluice_worker SET statement_timeout = '40s';
ALTER ROLE sluice_worker SET lock_timeout = '5s';
ALTER ROLE sluice_worker SET idle_in_transaction_session_timeout = '20s';
ALTER ROLE sluice_verifier SET statement_timeout = '40s';
ALTER ROLE sluice_verifier SET lock_timeout = '5s';
ALTER ROLE sluice_verifier SET idle_in_transaction_session_timeout = '20s';

-- Sluice works by key range: a plan that does not use the index would read the whole table for one page.
ALTER ROLE sluice_worker SET enable_seqscan = off;
ALTER ROLE sluice_worker SET enable_bitmapscan = off;
ALTER ROLE sluice_worker SET jit = off;
ALTER ROLE sluice_worker SET max_parallel_workers_per_gather = 0;
ALTER ROLE sluice_verifier SET enable_seqscan = off;
ALTER ROLE sluice_verifier SET enable_bitmapscan = off;
ALTER ROLE sluice_verifier SET jit = off;
ALTER ROLE sluice_verifier SET max_parallel_workers_per_gather = 0;

-- Target only. Rows arrive as the source has them, so the application's triggers and foreign keys must not fire a second time.
ALTER ROLE sluice_worker SET session_replication_role = replica;

-- Grants on the mapped tables, in both databases: GRANT USAGE ON SCHEMA … TO sluice_worker, sluice_verifier;
-- GRANT SELECT ON … TO sluice_worker, sluice_verifier.
-- Target, for tables that exist already, also: GRANT INSERT, UPDATE, DELETE ON … TO sluice_worker.
-- On tables that it creates from `targetSchema`, Sluice grants these rights itself.
