-- Creates the lease of a partition, unless it exists.
SELECT 1 AS done FROM sluice.plan_partition(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation,
  :epoch, CAST(:scope AS text))
