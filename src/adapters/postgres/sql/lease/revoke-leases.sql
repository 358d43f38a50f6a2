SELECT sluice.revoke_leases(CAST(:migration AS text), CAST(:side AS text), :epoch) AS revoked
