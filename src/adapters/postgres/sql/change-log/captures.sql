SELECT table_name, id::text AS id, lost
FROM sluice.captures(CAST(:migration AS text), CAST(:side AS text), :generation)
