-- Stores a claim's token in its lease. Returns no row if the lease was revoked or a newer claim holds it.
SELECT installed, lower_key, upper_key, cursor_key
FROM sluice.install_lease(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:scope AS text), :token, :attempt)
