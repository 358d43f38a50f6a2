/** The `pg` client of one session, which starts as the service's sessions do, and records why the session ended. */
import { Client, type ClientConfig } from 'pg';

import { endsSession } from './errors';
import { PreparedStatements } from './prepared-statements';

/**
 * The parameters that sqlx, the service's driver, sends in the startup packet, besides login and database:
 * https://github.com/launchbadge/sqlx, sqlx-postgres/src/connection/establish.rs and options/mod.rs. They take precedence over
 * `ALTER ROLE … SET` and `ALTER DATABASE … SET`. Without an option, sqlx sends no application_name.
 */
const STARTUP_PARAMETERS = {
  DateStyle: 'ISO, MDY',
  client_encoding: 'UTF8',
  TimeZone: 'UTC',
  extra_float_digits: '2',
};

/**
 * Listens for errors from its creation to its end. `pg` emits an error if the server ends the session while no query
 * runs; without a listener that error would end this process. Pool and caller listen only for part of the time.
 */
export class SessionClient extends Client {
  /** Why the server or the network ended the session. */
  ending: Error | undefined;
  readonly prepared = new PreparedStatements();

  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', this.noteEnding);
    // During a query, `pg` reports a fatal error to that query alone.
    connectionOf(this).on('errorMessage', (error: Error) => {
      if (endsSession(error)) this.noteEnding(error);
    });
  }

  /** `pg` has it, but not in its declared types. */
  getStartupConf(): Record<string, string> {
    const { user = '', database = '' } = this;
    return { user, database, ...STARTUP_PARAMETERS };
  }

  private readonly noteEnding = (error: Error): void => {
    this.ending ??= error;
  };
}

/** `pg` has it, but not in its declared types. */
const connectionOf = (client: Client): NodeJS.EventEmitter =>
  (client as unknown as { readonly connection: NodeJS.EventEmitter }).connection;
