SELECT pg_temp.sluice_run(CAST(:statements AS text))::text AS done
