-- Describes the guarded tables of a side that were dropped or renamed since they were registered.
SELECT c AS change FROM sluice.changed_tables(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text)) AS c
