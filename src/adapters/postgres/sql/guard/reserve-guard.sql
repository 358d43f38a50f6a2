-- Refuses the calls of earlier generations before the functions that they call exist: the schema was dropped with the
-- guards that were removed, and their epochs with it. The guard is registered later, under a newer epoch. Where a guard
-- exists, nothing is changed.
INSERT INTO sluice.guard AS g (owner, migration, side, generation, epoch, state)
SELECT CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), CAST(:generation AS bigint) - 1,
  CAST(:epoch AS bigint), 'none'
WHERE NOT EXISTS (SELECT FROM sluice.guard WHERE migration = :migration AND side = :side AND state <> 'none')
ON CONFLICT (owner, migration, side) DO UPDATE SET generation = EXCLUDED.generation, epoch = EXCLUDED.epoch
WHERE g.state = 'none' AND g.generation < EXCLUDED.generation AND g.epoch < EXCLUDED.epoch
