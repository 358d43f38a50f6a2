-- Gives the next schema file PostgreSQL's default path, unless an earlier file has set another one, as `create_target` does.
SELECT pg_catalog.set_config('search_path', CASE
  WHEN pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'pg_catalog, pg_temp' THEN '"$user", public'
  ELSE pg_catalog.current_setting('search_path') END, true) AS path
