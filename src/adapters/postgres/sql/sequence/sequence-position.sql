-- Reads the last value of a sequence.
SELECT sluice.sequence_position(CAST(:sequence AS text))::text AS position
