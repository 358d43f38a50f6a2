-- Removes one piece of what the captures of a migration's side left, and returns how many captures still have some:
-- first triggers and functions, capture by capture; then the entries, at once if no other capture may have any, else
-- in parts.
SELECT sluice.stop_capture(CAST(:migration AS text), CAST(:side AS text),
  CAST(:lockMs AS integer), CAST(:totalMs AS integer)) AS remaining
