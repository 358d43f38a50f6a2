import type { Problem } from '../errors';
import { SIDES, type Facts } from './facts';

/** The guard lets exactly one login through, and nothing must be able to lift it but the owner's login. */
export const separateLogins = (facts: Facts): Problem[] =>
  SIDES.flatMap((side) => {
    const { owner, worker } = facts[side].logins;
    const problem = (found: string): Problem => ({
      check: 'separate-logins',
      subject: `${side} worker`,
      found,
      remedy: 'give Sluice an ordinary login of its own (docs/guide/roles.sql)',
    });
    return [
      ...(worker.server?.isSuperuser ? [problem(`login ${worker.server.login} is a superuser`)] : []),
      ...(worker.server && worker.server.login === owner.server?.login
        ? [problem(`login ${worker.server.login} is both owner and worker`)]
        : []),
    ];
  });
