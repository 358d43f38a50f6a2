-- Statements on the leases and guards of the schema `sluice`. Every write of a worker carries its lease.
SELECT installed, lower_key, upper_key, cursor_key
FROM sluice.install_lease(CAST(:migration AS text), CAST(:side AS text), CAST(:scope AS text), :token, :attempt)
