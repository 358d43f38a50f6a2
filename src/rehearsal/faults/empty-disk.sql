-- Removes the function of fill-disk.sql, and its triggers.
DROP SCHEMA IF EXISTS rehearsal_faults CASCADE
