/** Faults between a function and a service. */
import type { Fault } from './catalog';
import type { Call, Interceptor, Exchange } from './proxy/call';
import { errorReply } from './proxy/error-replies';

export interface FaultContext {
  /** 0 ≤ x < 1, determined by the seed, the call's name and the purpose. */
  readonly fraction: (call: Call, purpose: string) => number;
  /** Kills the process that makes the call. */
  readonly kill: (call: Call) => void;
  /** Makes the service refuse every call for some milliseconds. */
  readonly makeUnavailable: (service: string, ms: number) => void;
  /** Waits; tests replace it by a shorter wait. */
  readonly wait: (ms: number) => Promise<unknown>;
}

const SLOW_MS_MAX = 4_000;
const LATE_MS_MAX = 6_000;
const BURST_MS_MAX = 2_000;
/** The Data API reports a statement that still runs after this as timed out. */
const STATEMENT_MS_MAX = 45_000;

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'];

/** Whether `errorReply` knows the wire format of the service. */
const isKnown = ({ service }: Call): boolean => ['dynamodb', 'rds-data', 'sfn'].includes(service);

/** Whether a fault can be injected into a call. */
export const CAN_DISTURB: Readonly<Partial<Record<Fault, (call: Call) => boolean>>> = {
  'kill-before-call': () => true,
  'kill-after-call': () => true,
  'lost-response': () => true,
  'dropped-connection': () => true,
  'twice-at-once': isKnown,
  'twice-late': isKnown,
  throttle: isKnown,
  unavailable: isKnown,
  slow: () => true,
  hang: ({ service, operation }) => service === 'rds-data' && operation === 'Execute',
  'dynamodb-500': ({ service, operation }) => service === 'dynamodb' && WRITES.includes(operation),
};

type CallFault = (exchange: Exchange, context: FaultContext) => Promise<void>;

const CALL_FAULTS: Readonly<Partial<Record<Fault, CallFault>>> = {
  'kill-before-call': async ({ call }, { kill }) => kill(call),
  async 'kill-after-call'({ call, forward }, { kill }) {
    await forward();
    kill(call);
  },
  async 'lost-response'({ forward, hangUp }) {
    await forward();
    hangUp();
  },
  'dropped-connection': async ({ hangUp }) => hangUp(),
  async 'twice-at-once'({ call, forward, reply }, { fraction }) {
    const replies = await Promise.all([forward(), forward()]);
    reply(replies[fraction(call, 'which') < 0.5 ? 0 : 1]);
  },
  async 'twice-late'({ call, forward, reply }, { fraction, wait }) {
    reply(await forward());
    await wait(fraction(call, 'later') * LATE_MS_MAX);
    await forward();
  },
  throttle: async ({ call, reply }, { fraction }) =>
    reply(errorReply(call.service, 'throttled', fraction(call, 'wording'))),
  async unavailable({ call, reply }, { fraction, makeUnavailable }) {
    makeUnavailable(call.service, fraction(call, 'long') * BURST_MS_MAX);
    reply(errorReply(call.service, 'unavailable'));
  },
  async slow({ call, forward, reply }, { fraction, wait }) {
    const ms = fraction(call, 'long') * SLOW_MS_MAX;
    if (fraction(call, 'when') < 0.5) await wait(ms);
    const response = await forward();
    if (fraction(call, 'when') >= 0.5) await wait(ms);
    reply(response);
  },
  // The caller cannot tell from the response whether the statement ran.
  async hang({ call, forward, reply }, { fraction, wait }) {
    const ran = fraction(call, 'whether') < 0.5 ? forward() : undefined;
    await Promise.all([wait(STATEMENT_MS_MAX), ran]);
    reply(errorReply(call.service, 'timed-out'));
  },
  async 'dynamodb-500'({ call, forward, reply }) {
    const response = await forward();
    reply(response.status === 200 ? errorReply(call.service, 'failed') : response);
  },
};

export const createInterceptor = (fault: Fault, context: FaultContext): Interceptor | undefined => {
  const callFault = CALL_FAULTS[fault];
  return callFault && ((exchange) => callFault(exchange, context));
};

/** Replies that the service is unavailable, as to every call while it is. */
export const replyUnavailable: Interceptor = async ({ call, reply }) =>
  reply(errorReply(call.service, 'unavailable'));
