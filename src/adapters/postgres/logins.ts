import { GRANTED_LOGINS, type Login, type LoginNames } from '../../contract/logins';
import type { Logins } from '../../core/guard-ports';
import type { Database } from './database';
import { SESSION_LOGIN } from './sql/statements';

/** Logs in to one database with each login that receives rights, and reads its name. */
export class DatabaseLogins implements Logins {
  constructor(private readonly connect: (login: Login) => Pick<Database, 'query'>) {}

  async names(): Promise<LoginNames> {
    const named = GRANTED_LOGINS.map(async (login) => {
      const [row] = await this.connect(login).query(SESSION_LOGIN);
      return [login, String(row!.login)] as const;
    });
    return Object.fromEntries(await Promise.all(named)) as LoginNames;
  }
}
