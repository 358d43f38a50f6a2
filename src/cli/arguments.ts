import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './failures';

export interface Flag {
  /** Placeholder of the value, e.g. `NAME`; a flag without one is a switch. */
  readonly value?: string;
  readonly description: string;
}

export interface Positional {
  readonly name: string;
  readonly description: string;
  /** Only after the required ones. @default false */
  readonly optional?: boolean;
  /** Takes every further word; only the last one may. @default false */
  readonly repeated?: boolean;
}

export interface Grammar {
  readonly positionals: readonly Positional[];
  readonly flags: Readonly<Record<string, Flag>>;
}

/**
 * The arguments of one command, read by `parseArgs` in its strict mode. Strict mode stops at the first problem and names
 * no remedy, so the tokens are checked before it, and every problem is reported at once.
 */
export class Arguments {
  private readonly problems: string[];
  private readonly given: readonly string[];
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(
    private readonly grammar: Grammar,
    words: readonly string[],
  ) {
    const config = {
      args: [...words],
      allowPositionals: true,
      options: optionsOf(grammar),
    } satisfies ParseArgsConfig;
    const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
    this.given = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
    const options = tokens.filter((token) => token.kind === 'option');
    this.problems = [...optionProblems(grammar, options), ...positionalProblems(grammar, this.given)];
    this.values = parseArgs({ ...config, strict: this.problems.length === 0 }).values;
  }

  /** A positional argument by its name; '' if it is absent. */
  positional(name: string): string {
    return this.given[this.grammar.positionals.findIndex((positional) => positional.name === name)] ?? '';
  }

  /** Every word of a repeated positional argument. */
  rest(name: string): readonly string[] {
    return this.given.slice(this.grammar.positionals.findIndex((positional) => positional.name === name));
  }

  has(flag: string): boolean {
    return this.values[flag] !== undefined;
  }

  text(flag: string): string | undefined {
    const value = this.values[flag];
    if (value === undefined) return undefined;
    // A flag without its value is a problem already.
    return typeof value === 'string' ? value : '';
  }

  wholeNumber(flag: string, min: number, max: number): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.refuse(`--${flag} is ${JSON.stringify(text)}; give a whole number from ${min} to ${max}`);
    return undefined;
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  /** @throws UsageError with every problem so far */
  check(): void {
    if (this.problems.length > 0) throw new UsageError(this.problems);
  }
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

const optionsOf = ({ flags }: Grammar): NonNullable<ParseArgsConfig['options']> =>
  Object.fromEntries(
    Object.entries(flags).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );

function optionProblems(grammar: Grammar, options: readonly OptionToken[]): string[] {
  return options.flatMap((option, index) => {
    const problem = optionProblem(grammar, option);
    const isRepeated = options.findIndex(({ name }) => name === option.name) < index;
    return [
      ...(isRepeated ? [`--${option.name} is given twice; give it once`] : []),
      ...(problem === undefined ? [] : [problem]),
    ];
  });
}

function optionProblem({ flags }: Grammar, { name, rawName, value, inlineValue }: OptionToken) {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined || !rawName.startsWith('--')) {
    const known = Object.keys(flags).map((each) => `--${each}`);
    return `${rawName} is not a flag of this command; use ${known.join(', ')}`;
  }
  if (flag.value === undefined)
    return value === undefined
      ? undefined
      : `${rawName} takes no value, but got ${JSON.stringify(value)}; leave it out`;
  if ((value ?? '') === '') return `${rawName} has no value; write ${rawName} ${flag.value}`;
  if (inlineValue === false && value?.startsWith('-'))
    return `${rawName} has no value before ${value}; write ${rawName} ${flag.value} (or ${rawName}=${value})`;
  return undefined;
}

function positionalProblems({ positionals }: Grammar, given: readonly string[]): string[] {
  return [
    ...positionals
      .slice(given.length)
      .filter(({ optional }) => optional !== true)
      .map(({ name, description }) => `<${name}> is missing; give ${description}`),
    ...given
      .slice(positionals.at(-1)?.repeated === true ? Infinity : positionals.length)
      .map((extra) => `${JSON.stringify(extra)} is an extra argument; leave it out`),
  ];
}
