/** Faults between a function and a service. */
import type { Fault } from './catalog';
import type { Call, Disturbance, Exchange } from './proxy/call';
import { refusal } from './proxy/refusals';

export interface Surroundings {
  /** 0 ≤ x < 1, by the seed and the call's name. */
  readonly share: (call: Call, about: string) => number;
  /** Kills the process that makes the call. */
  readonly kill: (call: Call) => void;
  /** Every call of the service is refused for a while. */
  readonly close: (service: string, ms: number) => void;
  /** Lets time pass, which tests shorten. */
  readonly wait: (ms: number) => Promise<unknown>;
}

const SLOW_MS_MAX = 4_000;
const LATE_MS_MAX = 6_000;
const BURST_MS_MAX = 2_000;
/** Time after which the Data API responds to a statement that still runs. */
const STATEMENT_MS_MAX = 45_000;

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'];

/** Services of a wire format that the refusals speak. */
const isKnown = ({ service }: Call): boolean => ['dynamodb', 'rds-data', 'sfn'].includes(service);

/** Whether the fault can be done to such a call. */
export const CONCERNS: Readonly<Partial<Record<Fault, (call: Call) => boolean>>> = {
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

type Doing = (exchange: Exchange, surroundings: Surroundings) => Promise<void>;

const DOINGS: Readonly<Partial<Record<Fault, Doing>>> = {
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
  async 'twice-at-once'({ call, forward, reply }, { share }) {
    const replies = await Promise.all([forward(), forward()]);
    reply(replies[share(call, 'which') < 0.5 ? 0 : 1]);
  },
  async 'twice-late'({ call, forward, reply }, { share, wait }) {
    reply(await forward());
    await wait(share(call, 'later') * LATE_MS_MAX);
    await forward();
  },
  throttle: async ({ call, reply }, { share }) =>
    reply(refusal(call.service, 'throttled', share(call, 'wording'))),
  async unavailable({ call, reply }, { share, close }) {
    close(call.service, share(call, 'long') * BURST_MS_MAX);
    reply(refusal(call.service, 'unavailable'));
  },
  async slow({ call, forward, reply }, { share, wait }) {
    const ms = share(call, 'long') * SLOW_MS_MAX;
    if (share(call, 'when') < 0.5) await wait(ms);
    const response = await forward();
    if (share(call, 'when') >= 0.5) await wait(ms);
    reply(response);
  },
  // The response does not show whether it ran.
  async hang({ call, forward, reply }, { share, wait }) {
    const ran = share(call, 'whether') < 0.5 ? forward() : undefined;
    await Promise.all([wait(STATEMENT_MS_MAX), ran]);
    reply(refusal(call.service, 'timed-out'));
  },
  async 'dynamodb-500'({ call, forward, reply }) {
    const response = await forward();
    reply(response.status === 200 ? refusal(call.service, 'failed') : response);
  },
};

export const disturbanceOf = (fault: Fault, surroundings: Surroundings): Disturbance | undefined => {
  const doing = DOINGS[fault];
  return doing && ((exchange) => doing(exchange, surroundings));
};

/** In a burst: refused like every other call of the service. */
export const refuseUnavailable: Disturbance = async ({ call, reply }) =>
  reply(refusal(call.service, 'unavailable'));
