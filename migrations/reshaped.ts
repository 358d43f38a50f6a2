import { defineMigration, defineRowFunction } from '../src/core/definition/definition';
import { phoneNumber } from './reshaped/phone-number';

const endpoint = (account: string, cluster: string) => ({
  clusterArn: `arn:aws:rds:eu-west-1:${account}:cluster:${cluster}`,
  database: 'contacts',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-owner-Tz5KcN`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-control-Tz5KcN`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-worker-8pWvJe`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:${cluster}/sluice-verifier-8pWvJe`,
});

const devSource = endpoint('111122223333', 'crm-legacy');
const devTarget = endpoint('111122223333', 'people');

/** A contact list that grew for fifteen years gets the tables it should have had: columns renamed, split, joined, typed, filtered. */
export default defineMigration({
  name: 'reshaped',
  shape: 'offline',
  source: { dev: devSource },
  target: { dev: devTarget },
  targetSchema: ['reshaped/target.sql'],
  tables: [
    {
      source: 'crm.contacts',
      target: 'people.persons',
      where: 'NOT deleted',
      // Columns that are not moved. Expressions and the row function may still read them.
      omit: [
        'full_name',
        'street',
        'zip',
        'city',
        'visits',
        'balance_cents',
        'country',
        'joined',
        'status',
        'deleted',
      ],
      columns: {
        note: 'remark',
        email: { sql: 'lower(btrim(email))' },
        // One name is a last name.
        first_name: { sql: `nullif(regexp_replace(btrim(full_name), '\\s*\\S*$', ''), '')` },
        last_name: { sql: `regexp_replace(btrim(full_name), '^.*\\s', '')` },
        // concat_ws is not immutable: it would write dates by the session's settings.
        address: {
          sql: `nullif(coalesce(street || ', ', '') || coalesce(zip || ' ', '') || coalesce(city, ''), '')`,
        },
        visits: { sql: `coalesce(nullif(btrim(visits), '')::integer, 0)` },
        balance: { sql: 'CAST(balance_cents / 100.0 AS numeric(12, 2))' },
        // Typed in as Swiss local time, e.g. 31.12.2019 23:59.
        joined_at: {
          sql: `make_timestamp(substr(joined, 7, 4)::integer, substr(joined, 4, 2)::integer, substr(joined, 1, 2)::integer,
            substr(joined, 12, 2)::integer, substr(joined, 15, 2)::integer, 0) AT TIME ZONE 'Europe/Zurich'`,
        },
        // The source has no such enum; it stores text.
        standing: {
          sql: `CASE status WHEN 1 THEN 'prospect' WHEN 2 THEN 'customer' WHEN 3 THEN 'former' END`,
        },
      },
      rowFunction: defineRowFunction({
        reads: ['phone', 'country'],
        writes: ['phone', 'phone_problem'],
        apply: ({ phone, country }) => {
          const { number, problem } = phoneNumber(phone, country);
          return { phone: number, phone_problem: problem };
        },
      }),
      chunking: { rows: 2_000 },
    },
    {
      source: 'crm.calls',
      target: 'people.calls',
      where: `outcome <> 'test'`,
      columns: {
        person_id: 'contact',
        started_at: { sql: 'to_timestamp(at_epoch)' },
        length: { sql: 'make_interval(secs => seconds::integer)' },
      },
      omit: ['at_epoch', 'seconds'],
    },
  ],
});
