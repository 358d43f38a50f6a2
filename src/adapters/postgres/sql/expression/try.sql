-- Runs `:statement`, and returns null or its refusal as JSON.
SELECT pg_temp.sluice_try(CAST(:statement AS text)) AS refusal
