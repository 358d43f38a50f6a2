import { foreignEnvironmentOf } from '../../../src/rehearsal/chaos/ownership/foreign-environment';
import { loadMigration } from '../../../src/cli/definitions';

const endpoint = (cluster: string) => ({
  ...{
    clusterArn: `arn:${cluster}`,
    database: 'shop',
    ownerSecretArn: 'o',
    controlSecretArn: 'c',
    workerSecretArn: 'w',
    verifierSecretArn: 'v',
  },
});

test('the environment that attacks has the same endpoints in every migration', () => {
  expect(foreignEnvironmentOf(['orders', 'orders-live'].map(loadMigration))).toBe('staging');
});

test.each([
  ['another source', { dev: endpoint('a'), qa: endpoint('c') }, { dev: endpoint('b'), qa: endpoint('b') }],
  ['another target', { dev: endpoint('a'), qa: endpoint('a') }, { dev: endpoint('b'), qa: endpoint('c') }],
  ['no other environment', { dev: endpoint('a') }, { dev: endpoint('b') }],
])('%s: refused, with the remedy', (_case, source, target) => {
  expect(() => foreignEnvironmentOf([{ name: 'orders', source, target }])).toThrow(
    /^no second environment of orders has the endpoints of dev\. Give /,
  );
});
