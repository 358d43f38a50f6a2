-- Lets the worker's login, and no other, use the tables: with them, so that it can read after an interrupted installation
-- that there is no guard. "worker login" stands for its name.
GRANT USAGE ON SCHEMA sluice TO "worker login";
GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.lease, sluice.slice, sluice.touch, sluice.skipped TO "worker login";
GRANT SELECT ON sluice.guard, sluice.guarded, sluice.capture TO "worker login";
GRANT SELECT, DELETE ON sluice.change_log TO "worker login";
