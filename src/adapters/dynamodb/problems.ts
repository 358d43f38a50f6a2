import { padded } from './items';

/** Start of the sort keys of refused rows: of a generation, one of its tables, one of the table's chunks or partitions. */
export const problemPrefix = (generation: number, table?: string, of?: string): string =>
  [
    'problem',
    padded(generation),
    ...(table === undefined ? [] : [table]),
    ...(of === undefined ? [] : [of]),
    '',
  ].join('#');
