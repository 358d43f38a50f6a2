-- Reads a lease, so that a writer learns whether a statement with an unknown outcome ran.
SELECT token, seq, open, lower::text AS lower_key, upper::text AS upper_key, cursor::text AS cursor_key
FROM sluice.lease WHERE scope = :scope
