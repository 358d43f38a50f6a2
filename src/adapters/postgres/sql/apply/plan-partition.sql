-- Creates the lease of a partition, unless it exists.
INSERT INTO sluice.lease (scope) VALUES (CAST(:scope AS text)) ON CONFLICT (scope) DO NOTHING
