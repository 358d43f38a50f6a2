SELECT k AS name FROM sluice.uninstall(CAST(:migration AS text), CAST(:side AS text)) AS k
