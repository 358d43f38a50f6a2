/** Which foreign keys of the target need no proof, because the source enforces the same keys. */
import type { TableMapping } from '../../src/core/definition/definition';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const PARENT = 'CREATE TABLE parent (id int PRIMARY KEY, a int, b int, UNIQUE (a, b))';
const CHILD = 'CREATE TABLE child (id int PRIMARY KEY, a int, b int, parent_id int)';
const MAP = ['parent', 'child'];

/** Whether each foreign key of the child in the target is mirrored, by name. */
async function mirrored(
  source: string,
  target: string,
  map: readonly (string | TableMapping)[] = MAP,
): Promise<Record<string, boolean>> {
  const trial = await lab.trial({ tables: source, target, map });
  const tables = await trial.world().describe('forward');
  const child = tables.find(({ table }) => table === 'shop.child')!;
  return Object.fromEntries(child.layout.foreignKeys.map(({ name, mirrored: is }) => [name, is]));
}

test('one that both have is mirrored, whatever its name and the order of its columns', async () => {
  const source = `${PARENT}; ${CHILD}; ALTER TABLE child ADD CONSTRAINT here FOREIGN KEY (a, b) REFERENCES parent (a, b)`;
  const target = `${PARENT}; ${CHILD};
    ALTER TABLE child ADD CONSTRAINT there FOREIGN KEY (b, a) REFERENCES parent (b, a);
    ALTER TABLE child ADD CONSTRAINT crossed FOREIGN KEY (a, b) REFERENCES parent (b, a);
    ALTER TABLE child ADD CONSTRAINT other FOREIGN KEY (parent_id) REFERENCES parent`;
  const uniques = 'CREATE UNIQUE INDEX swapped ON parent (b, a)';
  expect(await mirrored(source, target.replace(CHILD, `${CHILD}; ${uniques}`))).toEqual({
    there: true,
    crossed: false,
    other: false,
  });
});

test.each([
  [
    'is not validated',
    'ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent NOT VALID',
  ],
  [
    'is not enforced',
    'ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent NOT ENFORCED',
  ],
  [
    'has its triggers off',
    'ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent; RESET ROLE; ALTER TABLE child DISABLE TRIGGER ALL; SET ROLE app_owner',
  ],
])('one that %s at the source is not mirrored', async (_how, key) => {
  const target = `${PARENT}; ${CHILD}; ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent`;
  expect(await mirrored(`${PARENT}; ${CHILD}; ${key}`, target)).toEqual({ f: false });
});

test('one over renamed columns is mirrored; one over computed columns or filtered parents is not', async () => {
  const key = 'ALTER TABLE child ADD CONSTRAINT f FOREIGN KEY (parent_id) REFERENCES parent';
  const source = `${PARENT}; ${CHILD}; ${key}`;
  const renamed = `${PARENT}; CREATE TABLE child (id int PRIMARY KEY, a int, b int, owner int); ${key.replace('(parent_id)', '(owner)')}`;
  const child = { source: 'shop.child', target: 'shop.child' };
  expect(await mirrored(source, renamed, ['parent', { ...child, columns: { owner: 'parent_id' } }])).toEqual({
    f: true,
  });
  expect(
    await mirrored(source, source, [
      { source: 'shop.parent', target: 'shop.parent', where: 'id > 5' },
      child,
    ]),
  ).toEqual({ f: false });
  expect(
    await mirrored(source, renamed, [
      'parent',
      { ...child, columns: { owner: { sql: 'parent_id + 1' } }, omit: ['parent_id'] },
    ]),
  ).toEqual({ f: false });
});
