import { list, number, ServiceError, structure, text, type Shape } from '../aws-json';
import type { ServiceEvent } from './event';
import { LIMITS } from './limits';

const ENTRY = structure(
  {},
  {
    ...{ Time: number, Source: text, Resources: list(text), DetailType: text, Detail: text },
    ...{ EventBusName: text, TraceHeader: text },
  },
);
export const PUT_EVENTS = structure({ Entries: list(ENTRY, LIMITS.entriesMax) }, {});
type Entry = typeof ENTRY extends Shape<infer T> ? T : never;

/** Publishes entries, each with its own result. @throws ServiceError if there are no entries, or too many, or too large */
export function putEvents(
  { Entries }: { readonly Entries: readonly Entry[] },
  publish: (event: ServiceEvent) => string,
  nowMs: number,
): object {
  if (Entries.length === 0) throw new ServiceError('ValidationException', 'Entries has no items');
  const bytes = Entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes >= LIMITS.entryBytesMax)
    throw new ServiceError(
      'ValidationException',
      `Total size of the entries in the request is over the limit: ${bytes} bytes. Send less than ${LIMITS.entryBytesMax} bytes`,
    );
  const results = Entries.map((entry) => {
    const refused = refusalOf(entry);
    if (refused !== undefined) return refused;
    const {
      Source: source = '',
      DetailType: detailType = '',
      Detail = '',
      Resources: resources = [],
    } = entry;
    const timeMs = entry.Time === undefined ? nowMs : entry.Time * 1000;
    return { EventId: publish({ source, detailType, resources, detail: JSON.parse(Detail), timeMs }) };
  });
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}

/** Computes the size as in https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
function bytesOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, part) => sum + Buffer.byteLength(part), Time === undefined ? 0 : 14);
}

function refusalOf(entry: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if ((entry[name] ?? '') === '')
      return refused(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  }
  if (entry.Source!.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if ((entry.EventBusName ?? 'default') !== 'default')
    return refused('ResourceNotFoundException', `Event bus ${entry.EventBusName} does not exist.`);
  try {
    const detail = JSON.parse(entry.Detail!) as unknown;
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // Reported as malformed below.
  }
  return refused('MalformedDetail', 'Detail is malformed.');
}
