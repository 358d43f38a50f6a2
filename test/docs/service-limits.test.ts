/** The page of limits names, for each, a test that is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentAt, ROOT } from './documents';

const { text } = documentAt('docs/service-limits.md');
const rows = [...text.matchAll(/^\|(.+)\|$/gm)]
  .map((match) => match[1]!.split('|').map((cell) => cell.trim()))
  .filter(([limit = '']) => limit !== 'limit' && !/^-+$/.test(limit));

test('there are limits of three services', () => {
  expect(text.match(/^## .*$/gm)).toEqual(['## RDS Data API', '## Lambda', '## DynamoDB']);
  expect(rows.length).toBeGreaterThan(40);
});

test.each(rows)('%s: %s', (_limit, _value, where = '', shown = '') => {
  const [, title = '', file = ''] = /^(.+) \(`(.+)`\)$/.exec(shown) ?? [];
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title);
  if (where !== 'dynalite') expect(existsSync(join(ROOT, where.replaceAll('`', '')))).toBe(true);
});
