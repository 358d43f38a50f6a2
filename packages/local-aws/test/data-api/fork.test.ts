import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { DataApiFixture, until } from '../../src/testing/data-api';
import { forkDataApi } from '../../src/data-api/fork';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(() => bench.stop());

describe('a Data API in a child process', () => {
  test('serves and counts as in this process, and exits when it is closed', async () => {
    const api = await forkDataApi(bench.options);
    const post = await fetch(`${api.url}/Execute`, {
      method: 'POST',
      body: JSON.stringify({ ...bench.place, sql: 'select 1' }),
    });
    expect(post.status).toBe(200);
    expect((await api.counters()).calls).toEqual({ ExecuteStatement: 1 });
    await api.close();
    await api.close();
    await expect(fetch(api.url)).rejects.toThrow('fetch failed');
    await expect(api.counters()).rejects.toThrow();
  });

  test('exits when its parent is killed', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'fork-parent.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const url = line.toString().trim();
    expect((await fetch(url)).status).toBe(404);
    parent.kill('SIGKILL');
    await until(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
  });

  test('reports that the port is in use', async () => {
    const port = Number(new URL(bench.api.url).port);
    await expect(forkDataApi({ ...bench.options, port })).rejects.toThrow('EADDRINUSE');
  });
});
