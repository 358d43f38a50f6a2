-- Gives the guard of a side to a control plane, if it is as it was seen.
SELECT 1 AS done FROM sluice.adopt_guard(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:environment AS text), CAST(:seenOwner AS text), :seenGeneration, :seenEpoch, CAST(:seenState AS text))
