import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../src/contract/errors';
import { shapeNames, stagesOf } from '../../src/contract/lifecycle';
import { anchorsOf, documentAt, documents, linksOf, ROOT } from './documents';

/** The text under a heading of the second level. */
const sectionOf = (text: string, heading: string): string =>
  text.split(/^(?=## )/m).find((section) => section.startsWith(`## ${heading}\n`)) ?? '';

test('the runbook has an entry for every error, and for no other name', () => {
  const { text } = documentAt('docs/runbook.md');
  const entries = [...sectionOf(text, 'Errors').matchAll(/^### ([A-Z][A-Za-z]+)$/gm)].map(
    (match) => match[1]!,
  );
  expect(entries.sort()).toEqual(Object.values(ERRORS).sort());
});

test('entries of other sections of the runbook are not errors', () => {
  const text = '## Errors\n\n### MalformedInput\n\n## Alarms\n\n### CopyStalled\n';
  expect(sectionOf(text, 'Errors')).toContain('### MalformedInput');
  expect(sectionOf(text, 'Errors')).not.toContain('CopyStalled');
});

describe('docs/architecture.md describes the tables of schema sluice', () => {
  const TABLES = join(ROOT, 'src/adapters/postgres/install/tables');
  const rows = new Map(
    [...documentAt('docs/architecture.md').text.matchAll(/^\| `(\w+)` +\| (\w+(?:, \w+)*) +\|/gm)].map(
      ([, table, columns]) => [table!, columns!.split(', ')],
    ),
  );
  const files = readdirSync(TABLES).map((file) => ({
    table: file.replace('.sql', '').replaceAll('-', '_'),
    text: readFileSync(join(TABLES, file), 'utf8'),
  }));

  test('completely', () => {
    expect(files.map(({ table }) => table).filter((table) => !rows.has(table))).toEqual([]);
  });

  test.each(files)('$table with columns that exist', ({ table, text }) => {
    expect(
      rows.get(table)!.filter((column) => !new RegExp(`^ +${column} |\\(${column} `, 'm').test(text)),
    ).toEqual([]);
  });
});

test('the index lists every decision by its title', () => {
  const index = documentAt('docs/adr/README.md');
  const records = documents.filter(({ path }) => /^docs\/adr\/\d/.test(path));
  expect(records.length).toBeGreaterThan(0);
  for (const { path, text } of records) {
    const [, title] = /^# \d+\. (.+)$/m.exec(text) ?? [];
    expect(index.text).toContain(`[${title}](${path.slice('docs/adr/'.length)})`);
  }
  expect(linksOf(index)).toHaveLength(records.length);
});

test.each(shapeNames())('docs/concepts.md explains every stage of shape %s, in order', (shape) => {
  const tables = documentAt('docs/concepts.md').text.split(/\n(?!\|)/);
  const firstColumns = tables.map((table) =>
    [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]!),
  );
  expect(firstColumns).toContainEqual([...stagesOf(shape)]);
});

test('links lead from the README to every page', () => {
  const reached = new Set<string>();
  const queue = ['README.md'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const page = documents.find((document) => document.path === path);
    if (!page) continue;
    for (const link of linksOf(page)) {
      if (!/^[a-z]+:|^#/.test(link)) queue.push(join(path, '..', link.split('#')[0]!));
    }
  }
  expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});

test('examples of definitions import files that exist', () => {
  const imported = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/^ *import .* from '(\.\.\/src\/[^']+)';$/gm)].map((match) => ({
      path,
      from: match[1]!,
    })),
  );
  expect(imported.length).toBeGreaterThan(0);
  expect(imported.filter(({ from }) => !existsSync(join(ROOT, 'migrations', `${from}.ts`)))).toEqual([]);
});

const README_WORDS_MAX = 1_300;

test(`the README has at most ${README_WORDS_MAX} words`, () => {
  const words = documentAt('README.md')
    .text.split(/\s+/)
    .filter((word) => word !== '');
  expect(words.length).toBeLessThanOrEqual(README_WORDS_MAX);
});

/** Paths in a page of a package are relative to the package. */
const rootOf = (path: string): string => /^packages\/[^/]+/.exec(path)?.[0] ?? '.';

test('files named in prose exist', () => {
  const FILE = /`((?:src|lib|lambdas|bin|docs|test|tools|packages|migrations)\/[A-Za-z0-9_./-]+\.[a-z]+)`/g;
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(FILE)].map((match) => ({ path, file: join(rootOf(path), match[1]!) })),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

/** The changelog is exempt: it has a heading `Added` for every version, and no link leads to one. */
test('headings of one page have distinct anchors', () => {
  for (const { path, text } of documents.filter(({ path: name }) => name !== 'CHANGELOG.md')) {
    const anchors = anchorsOf({ path, text });
    expect({ path, anchors: [...new Set(anchors)] }).toEqual({ path, anchors });
  }
});
