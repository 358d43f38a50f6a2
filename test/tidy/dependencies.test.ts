/** Each package declares exactly the packages that its files import: for its own code, and for its tests. */
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { isSource, trackedFiles, type TrackedFile } from './files';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Package {
  /** Folder of its package.json, with a slash; '' is the project's. */
  readonly folder: string;
  /** Files that run outside tests. */
  readonly runtime: RegExp;
  /** Packages that are used by their names: programs, settings of tools, and modules that a child process loads. */
  readonly usedByName: readonly string[];
}

const PACKAGES: readonly Package[] = [
  {
    folder: '',
    runtime: /^(bin|lambdas|lib|migrations|src|tools)\//,
    usedByName: [
      ...['@swc/core', '@swc/jest', 'jest', '@types/jest', '@types/node', 'prettier'],
      ...['@typescript/native', 'eslint', 'aws-cdk'],
    ],
  },
  { folder: 'packages/local-aws/', runtime: /^packages\/local-aws\/src\//, usedByName: ['tsx'] },
];

const isOf = ({ folder }: Package, path: string): boolean =>
  folder === '' ? !path.startsWith('packages/') : path.startsWith(folder);

const manifestOf = ({ folder }: Package): Manifest =>
  JSON.parse(trackedFiles.find(({ path }) => path === `${folder}package.json`)!.text) as Manifest;

/** The module that a node imports, re-exports, requires or resolves. */
function moduleIn(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const loads = /^(import|require|require\.resolve)$/;
  return ts.isCallExpression(node) && loads.test(node.expression.getText()) ? node.arguments[0] : undefined;
}

/** Names of the packages that a file imports. */
function packagesIn({ path, text }: TrackedFile): string[] {
  const specifiers: string[] = [];
  const visit = (node: ts.Node): void => {
    const module = moduleIn(node);
    if (module !== undefined && ts.isStringLiteral(module)) specifiers.push(module.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return specifiers
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0]);
}

const importedBy = (files: readonly TrackedFile[]): ReadonlySet<string> => new Set(files.flatMap(packagesIn));

/** The package of the types of a package that has none of its own. */
const typesOf = (name: string): string => `@types/${name.replace('@', '').replace('/', '__')}`;

/** Describes what a manifest lacks, or declares although no file needs it. */
function problemsOf(
  checked: Package,
  { dependencies, devDependencies }: Manifest,
  files: readonly TrackedFile[],
) {
  const { folder, runtime, usedByName } = checked;
  const own = files.filter((file) => isSource(file) && isOf(checked, file.path));
  const needed = importedBy(own.filter(({ path }) => runtime.test(path)));
  const used = importedBy(own);
  const isUsed = (name: string): boolean =>
    used.has(name) || usedByName.includes(name) || [...used].some((each) => typesOf(each) === name);
  const says = (name: string, problem: string): string => `${folder}package.json: ${name} ${problem}`;
  return [
    ...[...needed]
      .filter((name) => !(name in dependencies) && !(typesOf(name) in devDependencies))
      .map((name) => says(name, 'is imported outside tests; add it to dependencies')),
    ...[...used]
      .filter(
        (name) => ![name, typesOf(name)].some((each) => each in dependencies || each in devDependencies),
      )
      .map((name) => says(name, 'is imported; declare it')),
    ...Object.keys(dependencies)
      .filter((name) => !needed.has(name) && !usedByName.includes(name))
      .map((name) => says(name, 'is imported only by tests, if at all; remove it from dependencies')),
    ...Object.keys(devDependencies)
      .filter((name) => !isUsed(name))
      .map((name) => says(name, 'is not imported; remove it')),
    ...Object.keys(devDependencies)
      .filter((name) => name in dependencies)
      .map((name) => says(name, 'is declared twice; remove it from devDependencies')),
  ];
}

test.each(PACKAGES)('$folder package.json declares what its files import', (checked) => {
  expect(problemsOf(checked, manifestOf(checked), trackedFiles)).toEqual([]);
});

describe('a manifest is refused that', () => {
  const product = PACKAGES[0]!;
  const files = [
    { path: 'src/x.ts', text: "import { Client } from 'pg';\nimport { join } from 'node:path';\n" },
    { path: 'test/x.test.ts', text: "import fc from 'fast-check';\nimport { x } from '../src/x';\n" },
  ];
  const valid: Manifest = { dependencies: { pg: '8' }, devDependencies: { 'fast-check': '4', jest: '30' } };

  test('none of these', () => expect(problemsOf(product, valid, files)).toEqual([]));

  test.each<[string, Manifest, number]>([
    ['lacks a package', { ...valid, devDependencies: {} }, 1],
    [
      'declares a package of its own code for development only',
      { dependencies: {}, devDependencies: { ...valid.devDependencies, pg: '8' } },
      1,
    ],
    [
      'declares a package of tests for its own code',
      { ...valid, dependencies: { pg: '8', jest: '30', 'fast-check': '4' }, devDependencies: {} },
      1,
    ],
    [
      'declares an unused package',
      { ...valid, devDependencies: { ...valid.devDependencies, lodash: '4' } },
      1,
    ],
    ['declares a package twice', { ...valid, devDependencies: { ...valid.devDependencies, pg: '8' } }, 1],
  ])('%s', (_what, manifest, problems) =>
    expect(problemsOf(product, manifest, files)).toHaveLength(problems),
  );
});
