import type { ChunkItem, Run } from '../../src/contract/payloads';
import type { Machine } from '../../src/contract/lifecycle';
import type { Definition } from '../../src/core/definition/definition';
import type { StageContext, World } from '../../src/core/world';
import type { ControlTable } from '../../src/adapters/dynamodb/control-table';

/** The part of a trial that walking it and keeping it in sync need. */
export interface TrialPorts {
  readonly name: string;
  readonly run: Run;
  readonly definition: Definition;
  readonly control: ControlTable;
  /** Executions that are to be found running. */
  readonly running: Set<string>;
  machine(): Machine;
  context(world?: World): StageContext;
  copy(chunk: number, world?: World, table?: string): Promise<{ readonly done: boolean }>;
  item(chunk: number, table?: string): ChunkItem;
  sync(): { readonly failures: readonly unknown[] };
}
