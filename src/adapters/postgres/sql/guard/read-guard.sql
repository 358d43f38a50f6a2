-- Reads the guard of a side, unless it was removed, and whether its fence has expired.
SELECT epoch, state, deadline IS NOT NULL AND clock_timestamp() >= deadline
    - CASE WHEN server <> pg_postmaster_start_time() THEN interval '1 minute' ELSE interval '0' END AS expired
FROM sluice.guard WHERE owner = :owner AND migration = :migration AND side = :side AND state <> 'none'
