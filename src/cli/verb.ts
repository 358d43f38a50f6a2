import type { Arguments, Flag, Grammar } from './arguments';
import type { ExitCode, Terminal } from './terminal';

/** One command of `sluice`. */
export interface Verb extends Grammar {
  readonly name: string;
  /** Whether package.json has a script of this name, which is how the documentation spells it. @default false */
  readonly isNpmScript?: boolean;
  /** One line. */
  readonly summary: string;
  /** Paragraphs for --help. */
  readonly details?: readonly string[];
  /** Reads the whole command line before it does anything. @throws UsageError, CommandFailed */
  run(given: Arguments, terminal: Terminal): Promise<ExitCode>;
}

export const HELP: Flag = { description: 'show this help' };

const EXIT_CODES =
  'Exit codes: 0 success; 1 failed, held or in doubt; 2 wrong command line; 3 nothing was changed; 130 interrupted.';

/** The command as users type it, without arguments. */
const commandOf = ({ name, isNpmScript = false }: Verb): string =>
  isNpmScript ? `npm run ${name}` : `npx sluice ${name}`;

/** The command with arguments; npm passes on only those after `--`. */
export const commandLine = (verb: Verb, ...words: readonly string[]): string =>
  [commandOf(verb), ...(verb.isNpmScript === true ? ['--'] : []), ...words].join(' ');

export function helpOf(verb: Verb): string {
  const { summary, positionals, flags, details = [] } = verb;
  const rows = [
    ...positionals.map((positional) => [`<${positional.name}>`, positional.description]),
    ...Object.entries({ ...flags, help: HELP }).map(([flag, { value, description }]) => [
      value === undefined ? `--${flag}` : `--${flag} ${value}`,
      description,
    ]),
  ];
  const words = positionals.map(({ name, optional, repeated }) => {
    const word = optional === true ? `[${name}]` : `<${name}>`;
    return repeated === true ? `${word} …` : word;
  });
  return [
    commandLine(verb, ...words, '[flags]'),
    '',
    summary,
    '',
    ...columns(rows),
    ...[...details, EXIT_CODES].flatMap((paragraph) => ['', paragraph]),
  ].join('\n');
}

export function overview(verbs: readonly Verb[]): string {
  return [
    'Commands:',
    '',
    ...columns(verbs.map((verb) => [commandOf(verb), verb.summary])),
    '',
    'For the flags of a command: npx sluice <command> --help, or npm run <command> -- --help.',
    EXIT_CODES,
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
