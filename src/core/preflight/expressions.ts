import type { Problem } from '../errors';
import { expressionsOf } from '../layout';
import { quoteIdentifier } from '../identifier';
import type { Facts, Pair } from './facts';
import { SAMPLE_ROWS, type ExpressionFacts } from './projection-facts';

/** Expressions and the filter say the same of a row wherever and whenever it is read, and the source understands them. */
export function expressions({ mapping, source }: Pair, facts: Facts): Problem[] {
  const { where } = mapping;
  if (!source || (expressionsOf(mapping).size === 0 && where === undefined)) return [];
  const server = facts.source.logins.worker.server;
  if (server && !server.mayCreateTemporary) {
    return [
      {
        check: 'expressions',
        subject: 'source worker',
        found: `login ${server.login} may not create the temporary objects by which expressions are checked`,
        remedy: `GRANT TEMPORARY ON DATABASE ${quoteIdentifier(server.database)} TO ${quoteIdentifier(server.login)}`,
      },
    ];
  }
  const known = facts.projections.get(mapping.target);
  if (!known) return [];
  const subject = (what: string) => `source table ${mapping.source}, ${what}`;
  return [
    ...[...known.expressions].flatMap(([column, expression]) =>
      refused(subject(`expression of ${column}`), expression),
    ),
    ...(known.filter ? refused(subject('where'), known.filter) : []),
    ...(known.filter?.value && !isBoolean(known.filter.value)
      ? [
          {
            check: 'expressions',
            subject: subject('where'),
            found: `it is ${known.filter.value.type}, not boolean`,
            remedy: 'compare it with something',
          },
        ]
      : []),
  ];
}

const isBoolean = ({ baseType }: NonNullable<ExpressionFacts['value']>): boolean => baseType === 'boolean';

function refused(subject: string, { refusal }: ExpressionFacts): Problem[] {
  if (!refusal) return [];
  return [{ check: 'expressions', subject, ...wordsFor(refusal) }];
}

function wordsFor(refusal: NonNullable<ExpressionFacts['refusal']>): Pick<Problem, 'found' | 'remedy'> {
  switch (refusal.kind) {
    case 'not understood':
      return {
        found: `the source refuses it: ${refusal.message.replace(/index predicates?/, 'an expression')} (SQLSTATE ${refusal.sqlState})`,
        remedy:
          "name the source's columns by their bare names, and functions and types outside of pg_catalog with their schema",
      };
    case 'not immutable':
      return {
        found:
          'it is not immutable: a clock, a setting such as the time zone, or other rows may change its value',
        remedy: 'use immutable functions (e.g. AT TIME ZONE, make_timestamp), or a row function',
      };
    case 'fails for rows':
      return {
        found: `it fails for some of the first ${SAMPLE_ROWS} rows (SQLSTATE ${refusal.sqlState})`,
        remedy: 'let it answer for every row, or leave those rows out with where',
      };
  }
}
