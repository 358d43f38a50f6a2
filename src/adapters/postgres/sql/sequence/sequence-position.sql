-- Reads the last value of a sequence.
SELECT sluice.sequence_position(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:sequence AS text))::text AS position
