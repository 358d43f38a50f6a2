-- Reads the guard of a side, and whether its fence has expired.
SELECT epoch, state, deadline IS NOT NULL AND clock_timestamp() >= deadline AS expired
FROM sluice.guard WHERE migration = :migration AND side = :side
