import { causeMessage } from '../../src/core/execution/cause-message';

test.each([
  ['{"errorType":"E","errorMessage":"two chunks differ","trace":["at x.js:1"]}', 'two chunks differ'],
  ['the target owns the writes', 'the target owns the writes'],
  ['{"errorMessage":7}', '{"errorMessage":7}'],
  ['null', 'null'],
  ['{"errorMessage":"interr', '{"errorMessage":"interr'],
])('the message of %p is %p', (cause, message) => expect(causeMessage(cause)).toBe(message));
