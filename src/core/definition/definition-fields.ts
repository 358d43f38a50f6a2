/** Checks individual fields of a definition. A problem names the field's path, its value and the remedy. */

export function boundProblems(path: string, value: number | undefined, min: number, max: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [`${path} is ${JSON.stringify(value)}. Use a whole number from ${min} to ${max}`];
}

export function unknownFields(path: string, value: object, known: readonly string[]): string[] {
  return Object.keys(value ?? {})
    .filter((field) => !known.includes(field))
    .map(
      (field) =>
        `${path} has an unknown field ${JSON.stringify(field)}. Known fields are ${known.join(', ')}`,
    );
}

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Problems of an optional part of the definition. Without `known`, every field is allowed. */
export function fieldProblems(path: string, value: object | undefined, known?: readonly string[]): string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [`${path} is ${JSON.stringify(value)}. Give an object`];
  return known ? unknownFields(path, value, known) : [];
}

export function listProblems(path: string, value: unknown): string[] {
  const fits = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  return fits ? [] : [`${path} is ${JSON.stringify(value)}. Give a list of names`];
}

export const duplicates = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
