-- Removes one portion of the captures of a migration's side, and returns how many captures remain.
SELECT sluice.stop_capture(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:lockMs AS integer), CAST(:totalMs AS integer)) AS remaining
