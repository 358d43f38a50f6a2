-- Returns the login of the session.
SELECT session_user::text AS login
