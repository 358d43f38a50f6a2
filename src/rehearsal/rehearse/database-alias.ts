/** Makes a database of a user's server accessible under the name that the definition gives it. */
import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface DatabaseAlias {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface AliasOptions {
  readonly host: string;
  readonly port: number;
  /** The name in the clients' requests. */
  readonly alias: string;
  /** The name on the server. */
  readonly database: string;
}

const HOST = '127.0.0.1';
/** Codes in place of a protocol version: "Message Formats" in PostgreSQL's documentation. */
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const HEADER_BYTES = 8;

/** Starts a proxy that forwards everything unchanged except the database's name in a session's first message. */
export async function aliasDatabase(options: AliasOptions): Promise<DatabaseAlias> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(options.port, options.host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    forward(client, upstream, options);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, HOST, done);
  });
  return {
    host: HOST,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function forward(client: Socket, upstream: Socket, options: AliasOptions): void {
  let received = Buffer.alloc(0);
  const onData = (data: Buffer): void => {
    received = Buffer.concat([received, data]);
    for (;;) {
      if (received.length < HEADER_BYTES || received.length < received.readInt32BE(0)) return;
      const message = received.subarray(0, received.readInt32BE(0));
      const rest = received.subarray(message.length);
      const code = message.readInt32BE(4);
      if (code !== SSL_REQUEST && code !== GSS_REQUEST) {
        client.off('data', onData);
        upstream.write(code === CANCEL_REQUEST ? message : renameDatabase(message, options));
        upstream.write(rest);
        client.pipe(upstream);
        upstream.pipe(client);
        return;
      }
      // Refuse encryption; the client continues in clear text, which stays on this machine.
      client.write('N');
      received = rest;
    }
  };
  client.on('data', onData);
}

/** A startup message has a length, a version, names and values that each end with a zero byte, and a last zero byte. */
function renameDatabase(message: Buffer, { alias, database }: AliasOptions): Buffer {
  const words = message.subarray(HEADER_BYTES, -1).toString('utf8').split('\0').slice(0, -1);
  const changed = words.map((word, index) =>
    index % 2 === 1 && words[index - 1] === 'database' && word === alias ? database : word,
  );
  const body = Buffer.from(`${changed.map((word) => `${word}\0`).join('')}\0`, 'utf8');
  const header = Buffer.from(message.subarray(0, HEADER_BYTES));
  header.writeInt32BE(HEADER_BYTES + body.length, 0);
  return Buffer.concat([header, body]);
}
