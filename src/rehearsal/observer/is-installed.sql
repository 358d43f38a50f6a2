SELECT to_regclass('sluice.guard') IS NOT NULL AND to_regclass('sluice.lease') IS NOT NULL AS installed
