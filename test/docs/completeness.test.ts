import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../src/contract/errors';
import { shapeNames, stagesOf } from '../../src/contract/lifecycle';
import { anchorsOf, documentAt, documents, linksOf, ROOT } from './documents';

test('every error has an entry of its own in the runbook, and no other name has', () => {
  const { text } = documentAt('docs/runbook.md');
  const entries = [...text.matchAll(/^### ([A-Z][A-Za-z]+)$/gm)].map((match) => match[1]!);
  expect(entries.sort()).toEqual(Object.values(ERRORS).sort());
});

test('every decision is in the index, with its title', () => {
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

test('every page is reached from the README', () => {
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

/** A page of a package names files of the package. */
const rootOf = (path: string): string => /^packages\/[^/]+/.exec(path)?.[0] ?? '.';

test('files that are named in prose exist', () => {
  const FILE = /`((?:src|lib|lambdas|bin|docs|test|tools|packages|migrations)\/[A-Za-z0-9_./-]+\.[a-z]+)`/g;
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(FILE)].map((match) => ({ path, file: join(rootOf(path), match[1]!) })),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

/** A changelog says `Added` for every version; nobody links to one of them. */
test('headings of one page do not collide', () => {
  for (const { path, text } of documents.filter(({ path: name }) => name !== 'CHANGELOG.md')) {
    const anchors = anchorsOf({ path, text });
    expect({ path, anchors: [...new Set(anchors)] }).toEqual({ path, anchors });
  }
});
