-- Lists the tables that the guard of a side covers.
SELECT schema_name, table_name FROM sluice.guarded
WHERE owner = :owner AND migration = :migration AND side = :side ORDER BY schema_name, table_name
