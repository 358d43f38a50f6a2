/** Shared by the verbs that decide whose guards are: adopt and forget. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { OwnershipOptions } from '../adapters/ownership-world';
import { addressOf } from '../adapters/world';
import { createClient, DataApiDatabase } from '../adapters/rds-data/data-api-database';
import { StatementRefused } from '../adapters/postgres/statement-refused';
import type { Problem } from '../core/errors';
import { SluiceError } from '../core/errors';
import type { Arguments, Flag } from './arguments';
import { explainAwsError } from './aws-failures';
import { loadMigration, PROJECT_ROOT } from './definitions';
import { CommandFailed } from './failures';
import type { Target } from './migration-verbs';
import { EXIT, type ExitCode, type Terminal } from './terminal';

export const DECISION_FLAGS = {
  person: { value: 'NAME', description: 'the person who decides, for the journal' },
  yes: { description: 'do it; without this flag the command only shows what it would do' },
  json: { description: 'print the result as one JSON object' },
} as const satisfies Readonly<Record<string, Flag>>;

const PERSON_CHARACTERS_MAX = 100;

export function readPerson(given: Arguments): string {
  const person = given.text('person')?.trim() ?? '';
  if (!given.has('person'))
    given.refuse('--person is missing; name the person who decides, for the journal: --person "…"');
  if (person.length > PERSON_CHARACTERS_MAX)
    given.refuse(`--person has ${person.length} characters; use at most ${PERSON_CHARACTERS_MAX}`);
  return person;
}

/** The definition, and connections with the operator's own credentials. */
export function ownershipOptions({ migration, environment }: Target): OwnershipOptions {
  const rdsData = createClient();
  return {
    definition: loadMigration(migration),
    environment,
    assetDirectory: PROJECT_ROOT,
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient({})),
    connect: (endpoint, login) => new DataApiDatabase(rdsData, addressOf(endpoint, login)),
  };
}

/** A decision to be shown, and carried out if the person said so. */
export interface Shown {
  /** Lines about what was found, and the same for `--json`. */
  readonly lines: readonly string[];
  readonly found: object;
  readonly decision:
    | { readonly kind: 'nothing'; readonly why: string }
    | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
    | { readonly kind: 'adopt' | 'forget'; readonly effects: readonly string[] };
  /** Sentence about the result. */
  readonly done: string;
  carryOut(): Promise<void>;
}

/** Shows what was found and what would be done, and does it with `--yes`. */
export async function showAndDecide(given: Arguments, terminal: Terminal, shown: Shown): Promise<ExitCode> {
  const { lines, found, decision, done } = shown;
  const isJson = given.has('json');
  const print = (text: readonly string[]) =>
    text.forEach((line) => (isJson ? terminal.err(line) : terminal.out(line)));
  const end = (changed: boolean, code: ExitCode): ExitCode => {
    if (isJson) terminal.out(JSON.stringify({ changed, found, decision }));
    return code;
  };
  print(lines);
  if (decision.kind === 'nothing') {
    print(['', `nothing to do: ${decision.why}`]);
    return end(false, EXIT.ok);
  }
  if (decision.kind === 'refused') {
    end(false, EXIT.failed);
    throw new CommandFailed(refusalText(decision.problems));
  }
  print(['', ...decision.effects.map((effect) => `- ${effect}`), '']);
  if (!given.has('yes')) {
    print(['nothing was changed; to do this, repeat the command with --yes']);
    return end(false, EXIT.unchanged);
  }
  await shown.carryOut();
  print([done]);
  return end(true, EXIT.ok);
}

const refusalText = (problems: readonly Problem[]): string =>
  `refused for ${problems.length} problem(s); nothing was changed:${problems
    .map(({ check, subject, found, remedy }) => `\n- ${subject}: ${found}. ${remedy} [${check}]`)
    .join('')}`;

/** Runs a verb, and reports the errors of AWS, of the databases and of Sluice without a stack. */
export async function withReportedErrors<T>(environment: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SluiceError) throw new CommandFailed(error.message, { cause: error });
    // Neither verb sends rows, so the message quotes none.
    if (error instanceof StatementRefused)
      throw new CommandFailed(`the database refused a statement: ${error.message}`, { cause: error });
    throw explainAwsError(error, environment);
  }
}
