SELECT sluice.create_target(CAST(:migration AS text), CAST(:side AS text), CAST(:files AS text),
  CAST(:tables AS text), CAST(:worker AS text)) AS created
