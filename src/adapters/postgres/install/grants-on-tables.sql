-- Lets each login use the tables that it needs, and no other: with them, so that control can read after an interrupted
-- installation that there is no guard. The worker writes rows under a lease that control installed, so it may only consume the
-- lease's numbers and move its cursor. The names in quotes are placeholders.
GRANT USAGE ON SCHEMA sluice TO "control login", "worker login", "verifier login";
GRANT SELECT ON sluice.guard, sluice.guarded TO "control login";
GRANT SELECT, UPDATE (seq, cursor) ON sluice.lease TO "worker login";
GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.slice TO "worker login";
GRANT SELECT, INSERT, UPDATE ON sluice.touch TO "worker login";
GRANT SELECT, INSERT, DELETE ON sluice.skipped TO "worker login";
GRANT SELECT ON sluice.capture, sluice.change_log TO "worker login";
GRANT SELECT ON sluice.lease, sluice.touch TO "verifier login";
