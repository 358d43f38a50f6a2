-- Fences every worker of a side, and returns the number of revoked leases.
SELECT sluice.revoke_leases(CAST(:migration AS text), CAST(:side AS text), :epoch) AS revoked
