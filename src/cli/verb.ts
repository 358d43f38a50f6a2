import type { Arguments, Flag, Grammar } from './arguments';
import type { ExitCode, Terminal } from './terminal';

/** One command of `sluice`. */
export interface Verb extends Grammar {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs for --help. */
  readonly details?: readonly string[];
  /** Reads the whole command line before it does anything. @throws UsageRefused, CommandFailed */
  run(given: Arguments, terminal: Terminal): Promise<ExitCode>;
}

export const HELP: Flag = { description: 'show this help' };

const EXIT_CODES = [
  'Exit codes: 0 done as asked; 1 failed, held, or any doubt; 2 the command line is wrong; 130 interrupted.',
];

export function helpOf({ name, summary, positionals, flags, details = [] }: Verb): string {
  const rows = [
    ...positionals.map((positional) => [`<${positional.name}>`, positional.description]),
    ...Object.entries({ ...flags, help: HELP }).map(([flag, { value, description }]) => [
      value === undefined ? `--${flag}` : `--${flag} ${value}`,
      description,
    ]),
  ];
  const words = [
    name,
    ...positionals.map((positional) =>
      positional.optional === true ? `[${positional.name}]` : `<${positional.name}>`,
    ),
    '[flags]',
  ];
  return [
    `npx sluice ${words.join(' ')}`,
    '',
    summary,
    '',
    ...columns(rows),
    ...[...details, ...EXIT_CODES].flatMap((paragraph) => ['', paragraph]),
  ].join('\n');
}

export function overview(verbs: readonly Verb[]): string {
  return [
    'npx sluice <command> [flags]',
    '',
    ...columns(verbs.map(({ name, summary }) => [name, summary])),
    '',
    'npx sluice <command> --help tells more about one of them.',
    ...EXIT_CODES,
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
