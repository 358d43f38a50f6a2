-- Creates a side's guard and records its tables.
SELECT 1 AS done FROM sluice.register(CAST(:migration AS text), CAST(:side AS text), :epoch, CAST(:tables AS text))
