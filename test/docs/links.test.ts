import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { anchorsOf, documents, linksOf, ROOT, type Document } from './documents';

/** Returns why a link is broken; undefined if it works or leads out of the project. */
function brokenBecause(from: Document, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from.path : normalize(join(from.path, '..', file));
  if (!existsSync(join(ROOT, path))) return `${from.path}: there is no ${path}`;
  if (anchor === undefined) return undefined;
  const to = documents.find((document) => document.path === path);
  return to && anchorsOf(to).includes(anchor) ? undefined : `${from.path}: ${path} has no #${anchor}`;
}

test('every link leads to a file and to a heading in it', () => {
  const all = documents.flatMap((document) => linksOf(document).map((link) => ({ document, link })));
  expect(all.length).toBeGreaterThan(30);
  expect(all.flatMap(({ document, link }) => brokenBecause(document, link) ?? [])).toEqual([]);
});

test.each(['nowhere.md', 'runbook.md#no-such-heading', '#no-such-heading', '../nowhere'])(
  '%s in docs/architecture.md is detected',
  (link) => expect(brokenBecause({ path: 'docs/architecture.md', text: '# One\n' }, link)).toBeDefined(),
);
