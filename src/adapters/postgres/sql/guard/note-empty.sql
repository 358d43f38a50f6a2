-- Records, once, which guarded tables are empty, and returns the others.
SELECT e AS name FROM sluice.note_empty(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch) AS e
