import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  /** The URL of the database through the proxy. */
  readonly url: string;
  /** Interrupted connections, by whether the server received the COMMIT. */
  readonly cuts: { received: number; lost: number };
  close(): Promise<void>;
}

/** Forwards connections, and interrupts one at every n-th COMMIT. The server receives every other of these COMMITs. */
export async function cuttingProxy(url: string, every: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const cuts = { received: 0, lost: 0 };
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
      const isReceived = (commits / every) % 2 === 0;
      cuts[isReceived ? 'received' : 'lost'] += 1;
      upstream.unpipe(client);
      if (isReceived) upstream.write(data, () => client.destroy());
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
