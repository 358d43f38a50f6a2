import { data } from '../history';
import { textOf } from '../json';
import type { Visit } from '../state-kind';
import type { Integration } from './integration';
import { invoke } from './invocation';

const resourceOf = ({ state }: Visit): string => textOf(state['Resource']);

/** A function's own ARN as Resource: the payload is the input, the function's output is the result. */
export const lambdaFunction: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]+)?$/.test(
      resource,
    ),
  check(fields) {
    fields.template('Parameters');
  },
  label: resourceOf,
  events(visit, { timeoutInSeconds }) {
    const input = data('input', JSON.stringify(visit.payload));
    const timeout = timeoutInSeconds === undefined ? {} : { timeoutInSeconds };
    return {
      prefix: 'LambdaFunction',
      scheduled: [
        'lambdaFunctionScheduledEventDetails',
        { resource: resourceOf(visit), ...input, ...timeout },
      ],
      started: undefined,
      succeeded: (output) => ['lambdaFunctionSucceededEventDetails', output],
      failed: (failure) => ['lambdaFunctionFailedEventDetails', failure],
      timedOut: (failure) => ['lambdaFunctionTimedOutEventDetails', failure],
    };
  },
  async call(visit, signal) {
    const { payload } = await invoke(visit, resourceOf(visit), visit.payload, signal);
    return payload;
  },
};
