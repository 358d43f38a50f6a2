import type { Problem } from '../errors';
import { expressionsOf } from '../layout';
import { quoteIdentifier } from '../identifier';
import type { Facts, Pair } from './facts';
import { SAMPLE_ROWS, type ExpressionFacts } from './projection-facts';

/** Requires that the source accepts the expressions and the filter, and that their results depend on the row alone. */
export function expressions({ mapping, source }: Pair, facts: Facts): Problem[] {
  const { where } = mapping;
  if (!source || (expressionsOf(mapping).size === 0 && where === undefined)) return [];
  const server = facts.source.logins.worker.server;
  if (server && !server.mayCreateTemporary) {
    return [
      {
        check: 'expressions',
        subject: 'source worker',
        found: `login ${server.login} may not create temporary objects, which the check of expressions needs`,
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
            found: `its type is ${known.filter.value.type}, not boolean`,
            remedy: 'Write a condition, e.g. a comparison',
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
        found: `the source rejects the expression: ${refusal.message.replace(/index predicates?/, 'an expression')} (SQLSTATE ${refusal.sqlState})`,
        remedy:
          "Write the source's columns without a table name, and qualify functions and types outside pg_catalog with their schema",
      };
    case 'not immutable':
      return {
        found:
          'the expression is not immutable: a clock, a setting such as the time zone, or other rows may change its value',
        remedy: 'Use immutable functions (e.g. AT TIME ZONE, make_timestamp), or a row function',
      };
    case 'fails for rows':
      return {
        found: `the expression fails for some of the first ${SAMPLE_ROWS} rows (SQLSTATE ${refusal.sqlState})`,
        remedy: 'Make it return a value for every row, or exclude those rows with where',
      };
  }
}
