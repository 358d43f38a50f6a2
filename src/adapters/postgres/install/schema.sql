-- Creates the schema of everything that Sluice installs.
CREATE SCHEMA IF NOT EXISTS sluice;
