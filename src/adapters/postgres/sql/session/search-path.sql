-- Returns the session's search path. Every name is qualified, because the path is not known to be pinned.
SELECT pg_catalog.current_setting('search_path') AS path
