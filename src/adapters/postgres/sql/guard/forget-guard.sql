-- Removes the open guard of a side, and nothing of the application's.
SELECT 1 AS done FROM sluice.forget_guard(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch)
