import { dataDetails } from '../history';
import { textOf, toText } from '../json';
import type { StateAttempt } from '../state-type';
import type { Integration } from './integration';
import { invoke } from './invocation';

const resourceOf = ({ state }: StateAttempt): string => textOf(state['Resource']);

/** The ARN of a function as Resource. The function receives the effective input; its output is the result. */
export const lambdaFunction: Integration = {
  matches: (resource) =>
    /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]+)?$/.test(
      resource,
    ),
  check(fields) {
    fields.template('Parameters');
  },
  label: resourceOf,
  events(attempt, { timeoutInSeconds }) {
    const input = dataDetails('input', toText(attempt.payload));
    const timeout = timeoutInSeconds === undefined ? {} : { timeoutInSeconds };
    return {
      prefix: 'LambdaFunction',
      scheduled: [
        'lambdaFunctionScheduledEventDetails',
        { resource: resourceOf(attempt), ...input, ...timeout },
      ],
      started: undefined,
      succeeded: (output) => ['lambdaFunctionSucceededEventDetails', output],
      failed: (failure) => ['lambdaFunctionFailedEventDetails', failure],
      timedOut: (failure) => ['lambdaFunctionTimedOutEventDetails', failure],
    };
  },
  async call(attempt, signal) {
    const { payload } = await invoke(attempt, resourceOf(attempt), attempt.payload, signal);
    return payload;
  },
};
