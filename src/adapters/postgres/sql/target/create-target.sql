-- Creates a side's tables from the schema files, and returns how many objects and rights it recorded.
SELECT sluice.create_target(CAST(:owner AS text), CAST(:migration AS text), CAST(:side AS text), :generation, :epoch,
  CAST(:files AS text), CAST(:tables AS text), CAST(:worker AS text), CAST(:verifier AS text)) AS created
