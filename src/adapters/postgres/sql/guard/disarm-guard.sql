-- Drops the triggers of an open guard from one table, and returns how many tables remain.
SELECT sluice.disarm_guard(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:lockMs AS integer), CAST(:totalMs AS integer)) AS remaining
