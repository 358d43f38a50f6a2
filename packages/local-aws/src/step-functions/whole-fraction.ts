import { randomUUID } from 'node:crypto';

/**
 * A whole number that was written with a fraction or an exponent, such as `0.0`. Step Functions keeps such a number a
 * fraction: https://github.com/localstack/localstack, tests/aws/services/stepfunctions/v2/services/test_lambda_task.snapshot.json,
 * `test_invoke_json_values[0.0]`. A JavaScript number would lose the difference.
 */
export class WholeFraction {
  /** Set while a value is rendered that contains one. */
  static rendered = false;

  constructor(readonly value: number) {}

  /** Returns the text that Step Functions shows, as Java renders a double. */
  toString(): string {
    return `${Object.is(this.value, -0) ? '-0' : this.value}.0`;
  }

  /** Lets code outside Step Functions, such as a function in Node.js, see a number. */
  toJSON(): number {
    WholeFraction.rendered = true;
    return this.value;
  }
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** From here on, Java uses an exponent. No recording shows what Step Functions does, so JavaScript's form remains. */
const VALUE_END = 1e7;
/** Cannot occur in data. */
const MARK = `${randomUUID()}:`;

function isWholeFraction(token: string): boolean {
  if (!/[.eE]/.test(token) || !NUMBER.test(token)) return false;
  const value = Number(token);
  return Number.isInteger(value) && Math.abs(value) < VALUE_END;
}

/** Reads a number of JSON text. */
export const readNumber = (token: string): number | WholeFraction =>
  isWholeFraction(token) ? new WholeFraction(Number(token)) : Number(token);

/** Parses JSON text like JSON.parse, but keeps whole fractions. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Skips the scan for the many texts that cannot contain one.
  if (!/\d\.\d*0|\d[eE]/.test(text)) return value;
  const marked = text.replace(TOKEN, (token) => (isWholeFraction(token) ? `"${MARK}${token}"` : token));
  return JSON.parse(marked, (_key, member: unknown) =>
    typeof member === 'string' && member.startsWith(MARK) ? readNumber(member.slice(MARK.length)) : member,
  );
}

/** Renders a value like JSON.stringify, but keeps whole fractions. */
export function toText(value: unknown): string {
  WholeFraction.rendered = false;
  const text = JSON.stringify(value);
  if (!WholeFraction.rendered) return text;
  const marked = JSON.stringify(value, function (this: Record<string, unknown>, key, member: unknown) {
    const original = this[key];
    return original instanceof WholeFraction ? `${MARK}${original.toString()}` : member;
  });
  return marked.replaceAll(new RegExp(`"${MARK}([^"]*)"`, 'g'), '$1');
}
