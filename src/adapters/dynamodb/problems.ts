import { padded } from './items';

/** Builds the prefix of the sort keys of refused rows: those of a generation, a table, or a chunk or partition. */
export const problemPrefix = (generation: number, table?: string, of?: string): string =>
  [
    'problem',
    padded(generation),
    ...(table === undefined ? [] : [table]),
    ...(of === undefined ? [] : [of]),
    '',
  ].join('#');
