-- Creates the leases of a table's chunks, and returns how many there are.
SELECT sluice.plan_leases(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:prefix AS text), CAST(:boundaries AS text), CAST(:closedFrom AS text)) AS chunks
