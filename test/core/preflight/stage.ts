/** Two databases with the logins of docs/guide/roles.sql, in which each case gets its own schema. */
import { readFileSync } from 'node:fs';
import type { Side } from '../../../src/contract/sides';
import type { Database } from '../../../src/adapters/postgres/database';
import { serviceFailure } from '../../../src/adapters/rds-data/service-failure';
import { gatherFacts, type FactsRequest } from '../../../src/adapters/postgres/facts';
import {
  defineMigration,
  type MigrationDefinition,
  type TableMapping,
} from '../../../src/core/definition/definition';
import type { Problem } from '../../../src/core/errors';
import { runChecks, type Facts } from '../../../src/core/preflight';
import { pgDatabase } from '../../support/pg-database';
import { freshDatabase, loginUrl, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

const ROLES = readFileSync('docs/guide/roles.sql', 'utf8');
const PASSWORD = 'replace me';

export interface Case {
  /** Statements that create the tables, run as the application's owner in the case's schema. */
  readonly source?: string;
  /** Unused if both ends are one database. @default the same as in the source */
  readonly target?: string;
  /** Statements that a superuser runs afterwards, when the worker has its grants. */
  readonly sourceAfter?: string;
  readonly targetAfter?: string;
  /** @default table t to table t */
  readonly tables?: readonly TableMapping[];
  /** Fields of the mapping of table t. */
  readonly mapping?: Partial<TableMapping>;
  readonly definition?: Partial<MigrationDefinition>;
  /** Schema files by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly connect?: FactsRequest['connect'];
}

/** Id of the control plane for which preflight checks. */
export const OWNER = 'control-plane-1';

export class Stage {
  private cases = 0;

  private constructor(
    readonly server: TestPostgres,
    readonly urls: Readonly<Record<Side, string>>,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const server = await startTestPostgres(settings);
    const urls = { source: await freshDatabase(server), target: await freshDatabase(server) };
    await runSql(urls.source, `CREATE ROLE app_owner; ${ROLES}`);
    for (const url of Object.values(urls)) await grantDatabase(url);
    return new Stage(server, urls);
  }

  /** A stage with another pair of databases on the same server. */
  async withDatabases(source: string, target: string): Promise<Stage> {
    for (const url of [source, target]) await grantDatabase(url);
    return new Stage(this.server, { source, target });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Installs an extension in schema public of both databases. */
  async install(extension: string): Promise<void> {
    for (const url of Object.values(this.urls)) {
      await runSql(url, `CREATE EXTENSION IF NOT EXISTS ${extension} SCHEMA public`);
    }
  }

  readonly connect: FactsRequest['connect'] = (side, login) =>
    pgDatabase(loginUrl(this.urls[side], `sluice_${login}`, PASSWORD));

  /** Name of the schema of the latest case. */
  get schema(): string {
    return `case_${this.cases}`;
  }

  /** Sets up a case and returns every problem that preflight finds. */
  async problems(input: Case): Promise<Problem[]> {
    return this.check(await this.facts(input));
  }

  /** Runs every check on the facts. */
  readonly check = (facts: Facts): Problem[] => [...runChecks(facts).problems];

  async facts(input: Case): Promise<Facts> {
    this.cases += 1;
    const oneDatabase = this.urls.source === this.urls.target;
    await this.make(oneDatabase ? 'target' : 'source', input.source ?? '', input.sourceAfter);
    if (oneDatabase) return this.gather(input);
    await this.make('target', input.target ?? (input.files ? '' : (input.source ?? '')), input.targetAfter);
    return this.gather(input);
  }

  /** Gathers the facts of the latest case again, or for another definition of its tables. */
  async gather(input: Case): Promise<Facts> {
    return gatherFacts({
      definition: defineMigration(this.definition(input)),
      owner: OWNER,
      environment: 'test',
      connect: input.connect ?? this.connect,
      readFile: async (name) => {
        const text = input.files?.[name];
        if (text === undefined) throw new Error(`no such file: ${name}`);
        return text.replaceAll('{case}', this.schema);
      },
      wait: async () => undefined,
      serviceFailure,
    });
  }

  private definition({ tables, mapping, definition, files }: Case): MigrationDefinition {
    const inSchema = (name: string) => `${this.schema}.${name}`;
    const mappings = tables ?? [{ source: 't', target: 't', ...mapping }];
    return {
      name: 'move',
      shape: 'offline',
      source: { test: endpoint('source') },
      target: { test: endpoint('target') },
      ...(files ? { targetSchema: Object.keys(files) } : {}),
      tables: mappings.map((each) => ({
        ...each,
        source: inSchema(each.source),
        target: inSchema(each.target),
      })),
      ...definition,
    };
  }

  private async make(side: Side, sql: string, after = ''): Promise<void> {
    const rights = side === 'source' ? 'SELECT' : 'SELECT, INSERT, UPDATE, DELETE';
    await runSql(
      this.urls[side],
      `CREATE SCHEMA ${this.schema} AUTHORIZATION app_owner;
       SET ROLE app_owner; SET search_path = ${this.schema}; ${sql.replaceAll('{case}', this.schema)};
       GRANT USAGE ON SCHEMA ${this.schema} TO sluice_worker, sluice_verifier;
       GRANT SELECT ON ALL TABLES IN SCHEMA ${this.schema} TO sluice_verifier;
       GRANT ${rights} ON ALL TABLES IN SCHEMA ${this.schema} TO sluice_worker;
       RESET ROLE; ${after.replaceAll('{case}', this.schema)}`,
    );
  }
}

async function grantDatabase(url: string): Promise<void> {
  await runSql(
    url,
    `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO sluice_owner, app_owner', current_database()); END $$`,
  );
}

export const endpoint = (side: Side) => ({
  clusterArn: `arn:aws:rds:eu-west-1:123456789012:cluster:${side}`,
  database: 'app',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${side}-owner`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${side}-control`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${side}-worker`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${side}-verifier`,
});

/** A problem as `check: subject: found`, without the case's schema. */
export const brief = (problems: readonly Problem[]): string[] =>
  problems.map(({ check, subject, found }) =>
    `${check}: ${subject}: ${found}`.replaceAll(/"?case_\d+"?\./g, '').replaceAll(/case_\d+/g, '{case}'),
  );

/** A database that runs changed statements. */
export function altered(database: Database, change: (sql: string) => string): Database {
  return {
    query: (sql, parameters) => database.query(change(sql), parameters),
    rehearse: (work) =>
      database.rehearse(({ query }) => work({ query: (sql, parameters) => query(change(sql), parameters) })),
  };
}
