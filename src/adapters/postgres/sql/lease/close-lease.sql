-- Closes a lease, unless a newer claim holds it.
UPDATE sluice.lease SET open = false WHERE scope = :scope AND token = :token RETURNING 1 AS closed
