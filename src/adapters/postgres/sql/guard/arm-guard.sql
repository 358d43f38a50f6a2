-- Creates the triggers of an open guard on one table, and returns how many tables remain.
SELECT sluice.arm_guard(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:lockMs AS integer), CAST(:totalMs AS integer)) AS remaining
