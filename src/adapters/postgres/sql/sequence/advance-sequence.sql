-- Moves a sequence beyond its own position and `:position`, never back.
SELECT sluice.advance_sequence(CAST(:sequence AS text), CAST(:position AS bigint), :gap)::text AS position
