-- Runs `:statement`: null, or the refusal as JSON.
SELECT pg_temp.sluice_try(CAST(:statement AS text)) AS refusal
