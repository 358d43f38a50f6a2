-- Makes the lease of a partition.
INSERT INTO sluice.lease (scope) VALUES (CAST(:scope AS text)) ON CONFLICT (scope) DO NOTHING
