declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** Directory of the LevelDB store; in memory if absent. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  /** A server that does not listen yet; its `request` listener does the work. */
  export default function dynalite(options?: Options): Server;
}

declare module 'dynalite/db' {
  /** As on the wire: attribute values by name. */
  export type Item = Readonly<Record<string, object>>;

  /** Of one item that is read or written; of none, what DynamoDB asks for at least. */
  export function capacityUnits(item: Item | undefined, isRead: boolean, isConsistent?: boolean): number;
}
