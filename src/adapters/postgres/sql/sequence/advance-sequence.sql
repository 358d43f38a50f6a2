SELECT sluice.advance_sequence(CAST(:sequence AS text), CAST(:position AS bigint), :gap)::text AS position
