/** The pages of limits name, for each, a test that is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Of every table of a text whose first column is called `limit`: the cells by the names of their columns. */
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

test('there are limits of three services, and of what watches them', () => {
  expect(text.match(/^## .*$/gm)).toEqual(['## RDS Data API', '## Lambda', '## DynamoDB']);
  expect(services.length).toBeGreaterThan(40);
  expect(monitoring.length).toBeGreaterThan(20);
});

test.each([...services, ...monitoring])('$limit: $where', ({ where = '', test: shown = '' }) => {
  const [, title = '', file = ''] = /^(.+) \(`(.+)`\)$/.exec(shown) ?? [];
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title);
  if (where !== 'dynalite') expect(existsSync(join(ROOT, where.replaceAll('`', '')))).toBe(true);
});
