-- Closes a lease, and returns whether the claim's token still held it.
SELECT sluice.close_lease(CAST(:scope AS text), :token) AS closed
