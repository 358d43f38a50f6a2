import { parseArgs } from 'node:util';
import { UsageRefused } from './failures';

export interface Flag {
  /** Placeholder of the value, e.g. `NAME`; a flag without one is a switch. */
  readonly value?: string;
  readonly description: string;
}

export interface Positional {
  readonly name: string;
  readonly description: string;
  /** Only behind those that are needed. @default false */
  readonly optional?: boolean;
}

export interface Grammar {
  readonly positionals: readonly Positional[];
  readonly flags: Readonly<Record<string, Flag>>;
}

/** Reads a command line, and gathers everything that is wrong with it. */
export class Arguments {
  private readonly problems: string[] = [];
  private readonly given: readonly string[];
  private readonly values: ReadonlyMap<string, string>;

  constructor(
    private readonly grammar: Grammar,
    words: readonly string[],
  ) {
    const { flags } = grammar;
    const { tokens } = parseArgs({
      args: [...words],
      strict: false,
      tokens: true,
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(flags).map(([name, { value }]) => [
          name,
          { type: value === undefined ? 'boolean' : 'string' },
        ]),
      ),
    });
    this.given = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
    const values = new Map<string, string>();
    for (const token of tokens) {
      if (token.kind !== 'option') continue;
      if (values.has(token.name)) this.refuse(`--${token.name} is given twice; give it once`);
      values.set(token.name, token.value ?? '');
      this.checkOption(token);
    }
    this.values = values;
    this.checkPositionals();
  }

  /** A positional argument by its name; '' if it is missing, which is a problem already, or optional. */
  positional(name: string): string {
    return this.given[this.grammar.positionals.findIndex((positional) => positional.name === name)] ?? '';
  }

  has(flag: string): boolean {
    return this.values.has(flag);
  }

  text(flag: string): string | undefined {
    return this.values.get(flag);
  }

  wholeNumber(flag: string, min: number, max: number): number | undefined {
    const text = this.values.get(flag);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.refuse(`--${flag} is ${JSON.stringify(text)}; give a whole number from ${min} to ${max}`);
    return undefined;
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  /** @throws UsageRefused with every problem so far */
  check(): void {
    if (this.problems.length > 0) throw new UsageRefused(this.problems);
  }

  private checkOption({ name, rawName, value, inlineValue }: OptionToken): void {
    const flag = this.grammar.flags[name];
    if (flag === undefined || !rawName.startsWith('--')) {
      const known = Object.keys(this.grammar.flags).map((each) => `--${each}`);
      this.refuse(`${rawName} is no flag of this command, which knows ${known.join(', ')}`);
    } else if (flag.value === undefined && value !== undefined) {
      this.refuse(`${rawName} takes no value, but got ${JSON.stringify(value)}; leave it out`);
    } else if (flag.value !== undefined && (value ?? '') === '') {
      this.refuse(`${rawName} has no value; write ${rawName} ${flag.value}`);
    } else if (flag.value !== undefined && inlineValue === false && value?.startsWith('-')) {
      this.refuse(
        `${rawName} has no value, ${value} follows; write ${rawName} ${flag.value} (or ${rawName}=${value})`,
      );
    }
  }

  private checkPositionals(): void {
    const { positionals } = this.grammar;
    for (const { name, description, optional } of positionals.slice(this.given.length)) {
      if (optional !== true) this.refuse(`<${name}> is missing; give ${description}`);
    }
    for (const extra of this.given.slice(positionals.length)) {
      this.refuse(`${JSON.stringify(extra)} is one argument too many; leave it out`);
    }
  }
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}
