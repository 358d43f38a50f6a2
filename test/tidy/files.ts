import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TrackedFile {
  /** Path from the project's root. */
  readonly path: string;
  readonly text: string;
}

const ROOT = join(__dirname, '..', '..');
const TEXT = /\.(ts|mts|mjs|js|cjs|json|md|sql|sh|xml|ya?ml|html|css)$|^\.ci\/run$|(^|\/)(\.[a-z]+|[A-Z]+)$/;

/** Every text file under version control, as in the working tree. */
export const trackedFiles: readonly TrackedFile[] = execFileSync('git', ['ls-files', '-z'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => TEXT.test(path))
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
    } catch {
      return []; // Deleted in the working tree, but not committed yet.
    }
  });

export const isSource = ({ path }: TrackedFile): boolean => /\.(ts|mts|mjs|cjs|js)$/.test(path);

/** Folders of the deployed product, as opposed to its rehearsal, command line and tests. */
const PRODUCT = ['src/contract/', 'src/core/', 'src/adapters/', 'src/client/', 'lambdas/', 'lib/'];

export const isProduct = ({ path }: TrackedFile): boolean =>
  PRODUCT.some((folder) => path.startsWith(folder));

/** `path:line: text` of every line that matches a pattern. */
export const linesThatMatch = (file: TrackedFile, pattern: RegExp): string[] =>
  file.text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}: ${line.trim()}`] : []));
