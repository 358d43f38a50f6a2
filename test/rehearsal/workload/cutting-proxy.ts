import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  /** The same URL through the proxy. */
  readonly url: string;
  /** Connections that were cut, by whether the server got the COMMIT. */
  readonly cuts: { heard: number; unheard: number };
  close(): Promise<void>;
}

/** Passes connections on, and cuts every so-manieth when it sends COMMIT: the server has heard it every other time. */
export async function cuttingProxy(url: string, every: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const cuts = { heard: 0, unheard: 0 };
  let commits = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (data) => {
      if (!data.includes('COMMIT') || (commits += 1) % every !== 0) return void upstream.write(data);
      const isHeard = (commits / every) % 2 === 0;
      cuts[isHeard ? 'heard' : 'unheard'] += 1;
      upstream.unpipe(client);
      if (isHeard) upstream.write(data, () => client.destroy());
      else client.destroy();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.toString(),
    cuts,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
