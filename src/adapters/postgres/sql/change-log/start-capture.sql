-- Captures a table from now on: one call, which takes its locks in short attempts. Pauses are as long as attempts:
-- writers that queued behind one get through before the next. Repeated, it does nothing more. The shared lock on the
-- guard's row makes an uninstall wait, which then finds the capture; a call that comes after it finds no guard.
SELECT 1 AS done FROM sluice.start_capture(CAST(:migration AS text), CAST(:side AS text),
  :generation, CAST(:table AS text), CAST(:schema AS text), CAST(:name AS text), CAST(:key AS text), CAST(:identity AS text),
  CAST(:partitions AS integer), CAST(:logBytesMax AS bigint), CAST(:lockMs AS integer), CAST(:totalMs AS integer))
