import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

export interface Document {
  /** Path from the project's root. */
  readonly path: string;
  readonly text: string;
}

const read = (path: string): Document => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });

/** Every page of the documentation. */
export const documents: readonly Document[] = [
  read('README.md'),
  read('CONTRIBUTING.md'),
  read('CHANGELOG.md'),
  ...['docs', 'packages/local-aws'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .sort()
      .map((path) => read(join(folder, path))),
  ),
];

export function documentAt(path: string): Document {
  const found = documents.find((document) => document.path === path);
  if (!found) throw new Error(`there is no ${path}`);
  return found;
}

/** Removes fenced blocks and inline code, in which Markdown has no links. */
const prose = (text: string): string => text.replace(/^ *```[^]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '``');

/** Returns the target of every `[text](target)`. */
export const linksOf = ({ text }: Document): string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);

/** Derives anchors from headings as GitHub does. */
export const anchorsOf = ({ text }: Document): string[] =>
  [...text.replace(/^ *```[^]*?^ *```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)].map((match) =>
    match[1]!
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replace(/ /g, '-'),
  );

/** Returns the commands in `text` blocks: lines that start with one, up to their description in the next column. */
export const listedCommandsOf = ({ text }: Document): string[] =>
  [...text.matchAll(/^ *```text\n([^]*?)^ *```/gm)].flatMap((match) =>
    match[1]!
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/)[0]!)
      .filter((line) => /^(npm|npx|sluice) /.test(line)),
  );

/** Returns the lines of every `sh` block without comments, with continued lines joined. */
export const shellLinesOf = ({ text }: Document): string[] =>
  [...text.matchAll(/^ *```sh\n([^]*?)^ *```/gm)].flatMap((match) =>
    match[1]!
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .flatMap((line) => line.replace(/\s+#.*$/, '').split(/\s*&&\s*/))
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
