/** Matches the wildcards of policies: `*` is any text, `?` is one character. */

const compiled = new Map<string, RegExp>();

function matches(pattern: string, text: string, flags: '' | 'i'): boolean {
  const key = `${flags}${pattern}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[\\s\\S]*')
      .replaceAll('?', '[\\s\\S]');
    expression = new RegExp(`^${source}$`, flags);
    compiled.set(key, expression);
  }
  return expression.test(text);
}

/** Ignores case: `dynamodb:getitem` matches `dynamodb:GetItem`. */
export const actionMatches = (pattern: string, action: string): boolean => matches(pattern, action, 'i');

/** Respects case. A wildcard does not match across parts of the ARN. */
export function resourceMatches(pattern: string, resource: string): boolean {
  if (pattern === '*') return true;
  const [patterns, parts] = [partsOf(pattern), partsOf(resource)];
  return (
    patterns !== undefined &&
    parts !== undefined &&
    patterns.every((part, index) => matches(part, parts[index] ?? '', ''))
  );
}

/** @returns `arn`, partition, service, region, account and the rest, which may hold colons; undefined if not an ARN */
export function partsOf(arn: string): string[] | undefined {
  const [scheme = '', partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
  if (scheme !== 'arn' || partition === '' || service === '' || rest.length === 0) return undefined;
  return [scheme, partition, service, region, account, rest.join(':')];
}
