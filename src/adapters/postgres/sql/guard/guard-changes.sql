-- Describes how partitions of a fenced or dark side were changed.
SELECT c AS change FROM sluice.guard_changes(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text)) AS c
