/**
 * The logins of an endpoint, each with its own secret. `owner` installs and removes Sluice's objects; `control` changes guards,
 * leases and sequences, through functions alone; `worker` copies and applies rows; `verifier` reads both ends to compare them.
 */
export const LOGINS = ['owner', 'control', 'worker', 'verifier'] as const;

export type Login = (typeof LOGINS)[number];

/** Logins that the owner's login grants rights to. */
export const GRANTED_LOGINS = ['control', 'worker', 'verifier'] as const satisfies readonly Login[];

/** Names of the roles in a database that the granted logins log in as. */
export type LoginNames = Readonly<Record<(typeof GRANTED_LOGINS)[number], string>>;

/** ARN of each login's secret, in the field of an endpoint that holds it. */
export type LoginSecrets = Readonly<Record<`${Login}SecretArn`, string>>;

export const secretField = <L extends Login>(login: L): `${L}SecretArn` => `${login}SecretArn`;
