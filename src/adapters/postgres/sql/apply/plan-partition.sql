-- Creates the lease of a partition, unless it exists.
INSERT INTO sluice.lease (scope)
SELECT CAST(:scope AS text) FROM sluice.assert_authority(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch)
ON CONFLICT (scope) DO NOTHING
