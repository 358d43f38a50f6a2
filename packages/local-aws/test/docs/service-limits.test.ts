/** Checks that the pages of limits name an existing test and file for each limit. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Returns the rows of every table whose first column is `limit`, as cells by column name. */
const limitsIn = (text: string): Readonly<Record<string, string>>[] =>
  [...text.matchAll(/^\|.+\|\n(?:\|.+\|\n)+/gm)].flatMap(([table]) => {
    const [names = [], , ...rows] = table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    if (names[0] !== 'limit') return [];
    return rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
  });

const text = textOf('docs/service-limits.md');
const services = limitsIn(text);
const monitoring = limitsIn(textOf('docs/monitoring-support.md'));

test('the pages list limits of three services and of monitoring', () => {
  expect(text.match(/^## .*$/gm)).toEqual(['## RDS Data API', '## Lambda', '## DynamoDB']);
  expect(services.length).toBeGreaterThan(40);
  expect(monitoring.length).toBeGreaterThan(20);
});

test.each([...services, ...monitoring])('$limit: $where', ({ where = '', test: reference = '' }) => {
  const [, title = '', file = ''] = /^(.+) \(`(.+)`\)$/.exec(reference) ?? [];
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title);
  if (where !== 'dynalite') expect(existsSync(join(ROOT, where.replaceAll('`', '')))).toBe(true);
});
