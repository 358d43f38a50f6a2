import { boundedText, ERROR_BYTES_MAX, firstFitting, jsonBytes } from '../bounded-text';
import { ListedError, type SluiceError } from '../errors';

/** Bytes of a stack as JSON, besides the message. */
const STACK_BYTES_MAX = 4_096;
/** Bytes of a name: Step Functions takes 256 characters. */
const NAME_BYTES_MAX = 256;

/**
 * The form in which an error leaves a function: of bounded size, whatever it has found. A longer one would not fit into the
 * state of the execution, whose failure could then not be recorded.
 * @param readAt where the whole text can be read
 */
export function reportedError(error: Error, readAt: string): Error {
  if (isShort(error)) return error;
  const reported = new Error(messageOf(error, readAt));
  reported.name = boundedText(error.name, NAME_BYTES_MAX);
  reported.stack = boundedText([reported.name, ...framesOf(error)].join('\n'), STACK_BYTES_MAX);
  return reported;
}

/** Whether an error leaves a function unchanged. */
export const isShort = ({ name, message, stack }: Error): boolean =>
  jsonBytes(name) <= NAME_BYTES_MAX &&
  jsonBytes(message) <= ERROR_BYTES_MAX &&
  jsonBytes(stack ?? '') <= ERROR_BYTES_MAX + STACK_BYTES_MAX;

function messageOf(error: Error, readAt: string): string {
  if (jsonBytes(error.message) <= ERROR_BYTES_MAX) return error.message;
  if (!(error instanceof ListedError)) {
    const note = ` ${readAt} has the whole text`;
    return boundedText(error.message, ERROR_BYTES_MAX - jsonBytes(note)) + note;
  }
  const heading = boundedText(error.heading, ERROR_BYTES_MAX / 4);
  const note = (shown: number) => `\n- and ${error.entries.length - shown} more: ${readAt} has all of them`;
  const room = ERROR_BYTES_MAX - jsonBytes(heading) - jsonBytes(note(0));
  const shown = firstFitting(error.entries, room);
  return `${heading}:${shown.map((entry) => `\n- ${entry}`).join('')}${note(shown.length)}`;
}

/** The list of an error, or its text. */
export const entriesOf = (error: SluiceError): readonly string[] =>
  error instanceof ListedError ? error.entries : [error.message];

/** The lines of a stack that name functions; those before them repeat the message. */
const framesOf = ({ stack = '' }: Error): readonly string[] =>
  stack.split('\n').filter((line) => /^ {4}at /.test(line));
