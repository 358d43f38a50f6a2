/** The `pg` client of one session, which records why the session ended. */
import { Client, type ClientConfig } from 'pg';

import { endsSession } from './errors';

/**
 * Listens for errors from its creation to its end. `pg` emits an error if the server ends the session while no query
 * runs; without a listener that error would end this process. Pool and caller listen only for part of the time.
 */
export class SessionClient extends Client {
  /** Why the server or the network ended the session. */
  ending: Error | undefined;

  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', this.noteEnding);
    // During a query, `pg` reports a fatal error to that query alone.
    connectionOf(this).on('errorMessage', (error: Error) => {
      if (endsSession(error)) this.noteEnding(error);
    });
  }

  private readonly noteEnding = (error: Error): void => {
    this.ending ??= error;
  };
}

/** `pg` has it, but not in its declared types. */
const connectionOf = (client: Client): NodeJS.EventEmitter =>
  (client as unknown as { readonly connection: NodeJS.EventEmitter }).connection;
