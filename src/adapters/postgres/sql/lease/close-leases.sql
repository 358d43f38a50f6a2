-- Closes every lease of a generation permanently.
SELECT 1 AS done FROM sluice.close_leases(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch)
