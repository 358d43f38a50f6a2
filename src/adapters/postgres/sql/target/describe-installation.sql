-- Returns the session's login, the login that owns schema sluice if it exists, and what identifies the database among
-- those that can be reached: its server's start and its oid.
SELECT session_user::text AS login, pg_get_userbyid(n.nspowner)::text AS schema_owner,
  d.oid || ' since ' || extract(epoch FROM pg_postmaster_start_time()) AS identity
FROM pg_database AS d LEFT JOIN pg_namespace AS n ON n.nspname = 'sluice' WHERE d.datname = current_database()
