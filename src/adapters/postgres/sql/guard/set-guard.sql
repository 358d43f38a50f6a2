-- Changes the guard of a side, and returns the fence's deadline in UTC, or null.
SELECT to_char(sluice.set_guard(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:state AS text), CAST(:from AS text[]), CAST(:seconds AS double precision), CAST(:exempt AS boolean), CAST(:lockMs AS integer),
  CAST(:totalMs AS integer)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS deadline
