/**
 * Bytes of an error's text as JSON. Step Functions takes a cause of 32,768 characters, and a state of 262,144 bytes, in which
 * the text of an error is escaped twice.
 */
export const ERROR_BYTES_MAX = 8_192;

/** Part of a shortened text that is its end, because messages end with the remedy. */
const END_SHARE = 0.25;

/** Bytes of a text as JSON. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Shortens a text to `bytesMax` bytes as JSON: its start and its end remain. */
export function boundedText(text: string, bytesMax = ERROR_BYTES_MAX): string {
  const bytes = jsonBytes(text);
  if (bytes <= bytesMax) return text;
  const between = ` … [${bytes - bytesMax} bytes or more are left out] … `;
  const room = Math.max(0, bytesMax - jsonBytes(between));
  const end = longestFitting(room * END_SHARE, text.length, (length) => wellFormed(text.slice(-length)));
  const start = longestFitting(room * (1 - END_SHARE), text.length, (length) =>
    wellFormed(text.slice(0, length)),
  );
  return start + between + end;
}

/** The first entries of a list that fit into `bytesMax` bytes, each shortened to half of them. */
export function firstFitting(entries: readonly string[], bytesMax: number): readonly string[] {
  const shown: string[] = [];
  let left = bytesMax;
  for (const entry of entries) {
    const text = boundedText(entry, bytesMax / 2);
    left -= jsonBytes(text) + LINE_BYTES;
    if (left < 0) break;
    shown.push(text);
  }
  return shown;
}

/** The first entries of a list, and how many more there are. */
export function boundedList(entries: readonly string[], bytesMax = ERROR_BYTES_MAX): readonly string[] {
  const shown = firstFitting(entries, bytesMax);
  return shown.length === entries.length ? entries : [...shown, `and ${entries.length - shown.length} more`];
}

/** The start of an entry's line, as JSON. */
const LINE_BYTES = '\\n- '.length;

/** Bisects the length. */
function longestFitting(bytesMax: number, lengthMax: number, partOf: (length: number) => string): string {
  let [fits, tooLong] = [0, lengthMax + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (jsonBytes(partOf(middle)) <= bytesMax) fits = middle;
    else tooLong = middle;
  }
  return fits === 0 ? '' : partOf(fits);
}

/** Removes halves of characters at both ends. */
const wellFormed = (text: string): string =>
  text.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff]$/, '');
