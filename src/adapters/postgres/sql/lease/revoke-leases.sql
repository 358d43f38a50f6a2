-- Fences every worker of a side.
SELECT 1 AS done FROM sluice.revoke_leases(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch)
