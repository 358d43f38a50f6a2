SELECT sluice.sequence_position(CAST(:sequence AS text))::text AS position
