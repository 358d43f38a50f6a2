-- Creates a side's guard and records its tables.
SELECT 1 AS done FROM sluice.register(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:environment AS text), CAST(:ends AS text), CAST(:tables AS text), CAST(:worker AS text))
