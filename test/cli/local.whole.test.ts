/** `sluice local` in a terminal: what it tells, and that Ctrl-C in the middle of everything leaves nothing behind. */
import { ListStateMachinesCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runSql } from '../support/postgres';

const SLUICE = join(__dirname, '..', '..', 'bin', 'sluice.js');

/** Everything that the run leaves is below it. PostgreSQL's own user must be able to enter. */
const scratch = mkdtempSync(join(tmpdir(), 'sluice-local-'));
chmodSync(scratch, 0o1777);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function until(condition: () => boolean, why: () => string): Promise<void> {
  for (const deadline = Date.now() + 120_000; !condition();) {
    if (Date.now() > deadline) throw new Error(`not within two minutes: ${why()}`);
    await sleep(50);
  }
}

/** Processes that work in the scratch directory, or name it in their command line or environment. */
function processesIn(directory: string): string[] {
  if (!existsSync('/proc/self'))
    throw new Error('This test looks for processes in /proc, which is not here.');
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const about = [readlinkSync(`/proc/${pid}/cwd`), readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      about.push(readFileSync(`/proc/${pid}/environ`, 'utf8'));
      return about.some((text) => text.includes(directory));
    } catch {
      return false;
    }
  });
}

/** Whether anybody listens there. */
async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('it tells where everything is, injects faults, and ends with everything that it started', async () => {
  const words = [SLUICE, 'local', '--rows', '20000', '--seed', '1', '--faults', 'kill-lambda,lost-response'];
  const child = spawn(process.execPath, words, {
    // A process group of its own, as a shell gives it.
    detached: true,
    env: { ...process.env, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  try {
    await until(
      () => /^ready/m.test(err) || child.exitCode !== null,
      () => err,
    );
    expect(err).toMatch(/^ready/m);
    const variables = Object.fromEntries(
      [...out.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [
        name!,
        value!.replaceAll("'", ''),
      ]),
    );
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining([
        'AWS_ACCESS_KEY_ID',
        'AWS_REGION',
        'AWS_ENDPOINT_URL_SFN',
        'SLUICE_SOURCE_URL',
      ]),
    );
    // As the application: it may read its tables, on the side where they are.
    const rows = await runSql(
      variables['SLUICE_SOURCE_APP_URL']!,
      'SELECT count(*)::int AS rows, current_user::text AS login FROM public.orders',
    );
    expect(rows).toEqual([{ rows: 20_000, login: 'app' }]);
    const urls = Object.entries(variables).filter(([name]) => /URL/.test(name));
    // People see every address, and no password.
    for (const [name] of urls) expect(err).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    for (const [, url] of urls) {
      const { password } = new URL(url);
      if (password !== '') expect(err).not.toContain(password);
    }

    const sfn = new SFNClient({
      endpoint: variables['AWS_ENDPOINT_URL_SFN']!,
      region: variables['AWS_REGION']!,
      credentials: {
        accessKeyId: variables['AWS_ACCESS_KEY_ID']!,
        secretAccessKey: variables['AWS_SECRET_ACCESS_KEY']!,
      },
    });
    const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand());
    const stateMachineArn = stateMachines.find(({ name }) => name?.endsWith('-Migration'))?.stateMachineArn;
    await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"migration": "orders"}' }));
    sfn.destroy();
    await until(
      () => /^fault 2/m.test(err),
      () => err,
    );
    expect(processesIn(scratch).length).toBeGreaterThan(3);

    process.kill(-child.pid!, 'SIGINT');
    expect([await exited, err]).toEqual([[0, null], expect.stringMatching(/^ending$/m)]);
    for (const [name, url] of urls) expect([name, await listens(url)]).toEqual([name, false]);
    expect(processesIn(scratch)).toEqual([]);
    // tsx keeps what it compiled, as for every run.
    expect(readdirSync(scratch).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}, 300_000);
