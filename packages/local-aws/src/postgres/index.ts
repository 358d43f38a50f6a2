export { freePort, startPostgres, type PostgresOptions, type PostgresServer } from './start-postgres';
export { createDatabase, databaseUrl, loginUrl, runSql } from './sql';
