-- Restores the tables of one side to what they were, and returns those that keep their rows.
SELECT k AS name FROM sluice.uninstall(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch) AS k
