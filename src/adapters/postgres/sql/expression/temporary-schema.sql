-- Returns the name of the session's temporary schema, which contains the views of the expressions.
SELECT n.nspname::text AS name FROM pg_catalog.pg_namespace AS n WHERE n.oid = pg_my_temp_schema()
