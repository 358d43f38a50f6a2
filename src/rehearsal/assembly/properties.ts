/** Reads a resource's resolved properties strictly: a property that is not known is a problem, never ignored. */

export interface PropertyReader {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  number(name: string, fallback: number): number;
  optional(name: string): unknown;
}

/**
 * @param known properties that the engine reads
 * @param harmless properties that change nothing locally
 * @throws Error that lists every property on neither list
 */
export function propertiesOf(
  properties: Readonly<Record<string, unknown>>,
  known: readonly string[],
  harmless: readonly string[],
): PropertyReader {
  const unknown = Object.keys(properties).filter((name) => !known.includes(name) && !harmless.includes(name));
  if (unknown.length > 0) {
    throw new Error(`the properties [${unknown.join(', ')}] have no local counterpart`);
  }
  const optionalText = (name: string): string | undefined => {
    const value = properties[name];
    if (value === undefined || typeof value === 'string') return value;
    throw new Error(`${name} should be text, not ${JSON.stringify(value)}`);
  };
  return {
    optionalText,
    text: (name) => {
      const value = optionalText(name);
      if (value === undefined) throw new Error(`${name} is missing`);
      return value;
    },
    number: (name, fallback) => {
      const value = properties[name] ?? fallback;
      if (!Number.isFinite(Number(value)))
        throw new Error(`${name} should be a number, not ${JSON.stringify(value)}`);
      return Number(value);
    },
    optional: (name) => properties[name],
  };
}
