-- Starts capturing a table; a repeated call changes nothing.
SELECT 1 AS done FROM sluice.start_capture(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:table AS text), CAST(:schema AS text), CAST(:name AS text), CAST(:key AS text), CAST(:identity AS text),
  CAST(:partitions AS integer), CAST(:logBytesMax AS bigint), CAST(:lockMs AS integer), CAST(:totalMs AS integer))
