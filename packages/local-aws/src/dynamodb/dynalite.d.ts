declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** Directory of the LevelDB store. @default in memory */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  /** Creates a server that does not listen yet; its `request` listener handles requests. */
  export default function dynalite(options?: Options): Server;
}

declare module 'dynalite/db' {
  /** Attribute values by name, as on the wire. */
  export type Item = Readonly<Record<string, object>>;

  /** Returns the units of reading or writing one item; DynamoDB's minimum if there is none. */
  export function capacityUnits(item: Item | undefined, isRead: boolean, isConsistent?: boolean): number;
}
