/** What can be wrong with a field of a definition, in words: the path, the value, the remedy. */

export function boundProblems(path: string, value: number | undefined, min: number, max: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return [];
  return [`${path} is ${JSON.stringify(value)}; use a whole number from ${min} to ${max}`];
}

export function unknownFields(path: string, value: object, known: readonly string[]): string[] {
  return Object.keys(value ?? {})
    .filter((field) => !known.includes(field))
    .map((field) => `${path} has an unknown field ${JSON.stringify(field)}; known are ${known.join(', ')}`);
}

export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of an optional part of the definition; any field is known where none is named. */
export function fieldProblems(path: string, value: object | undefined, known?: readonly string[]): string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [`${path} is ${JSON.stringify(value)}; give an object`];
  return known ? unknownFields(path, value, known) : [];
}

export function listProblems(path: string, value: unknown): string[] {
  const fits = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
  return fits ? [] : [`${path} is ${JSON.stringify(value)}; give a list of names`];
}

export const duplicates = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
