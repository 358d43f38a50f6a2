-- Moves a sequence beyond its own position and `:position`, never back.
SELECT sluice.advance_sequence(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:sequence AS text), CAST(:position AS bigint), :gap)::text AS position
