-- What the database knows of a lease, for a writer whose statement may or may not have run.
SELECT token, seq, open, lower::text AS lower_key, upper::text AS upper_key, cursor::text AS cursor_key
FROM sluice.lease WHERE scope = :scope
