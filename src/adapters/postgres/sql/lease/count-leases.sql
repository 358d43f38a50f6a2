-- Counts the leases under a prefix.
SELECT count(*) AS chunks FROM sluice.lease WHERE starts_with(scope, :prefix)
