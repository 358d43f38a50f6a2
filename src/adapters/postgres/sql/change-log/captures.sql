-- Reads the captures of one generation, and why each may have missed changes.
SELECT table_name, id::text AS id, lost
FROM sluice.captures(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation)
