import { randomBytes } from 'node:crypto';
import { FRESH } from '../../core/execution/generation-start';
import type { Adoption, GenerationStart, MigrationRecord } from '../../core/ledger';
import type { AdoptedRecord } from '../../core/ownership/ports';
import type { Items } from './items';
import { newRecord, RECORD } from './new-record';

/** Clears the state that an interrupted run or abort left, which would apply to the adopted generation. */
const INTERRUPTED = { wave: null, fenceDeadline: null, sync: null, abortEpoch: null } as const;

/** Records a person's decisions that the guards of a migration belong to this control plane. */
export class AdoptionTable {
  constructor(
    private readonly items: Items,
    private readonly owner: () => Promise<string>,
  ) {}

  /** Creates the record of a migration that the ledger does not know. False if it does. */
  async create(migration: string, adopted: AdoptedRecord, start: GenerationStart): Promise<boolean> {
    const record = newRecord(await this.owner(), null, start);
    return this.items.create(migration, RECORD, { ...record, ...decided(adopted) });
  }

  /**
   * Changes the record that the person saw: its epoch is then newer than the guards'. False if the record has changed since.
   * @param start of another generation than the record's; null: the generation keeps its definition, code and settings
   */
  async decide(
    seen: MigrationRecord,
    adopted: AdoptedRecord,
    start: GenerationStart | null,
  ): Promise<boolean> {
    const set = await this.items.set(
      seen.migration,
      RECORD,
      {
        ...(start === null ? INTERRUPTED : { ...FRESH, ...start }),
        ...decided(adopted),
        owner: await this.owner(),
        // Of two callers that decide the same, the mark lets only one win, even if the SDK repeats a request.
        decision: randomBytes(8).toString('hex'),
      },
      '#generation = :seenGeneration AND #epoch = :seenEpoch AND #status = :seenStatus AND #stage = :seenStage AND #writes = :seenWrites AND #execution = :seenExecution',
      {
        ...{ seenGeneration: seen.generation, seenEpoch: seen.epoch, seenStatus: seen.status },
        ...{ seenStage: seen.stage, seenWrites: seen.writes, seenExecution: seen.execution },
      },
    );
    return set !== null;
  }

  /** Records that the guards of both ends have the adoption's epoch. False if another adoption was decided since. */
  async finish(migration: string, epoch: number): Promise<boolean> {
    const adoption: Adoption = { epoch, finished: true };
    const set = await this.items.set(migration, RECORD, { adoption }, '#adoption.#epoch = :epoch', { epoch });
    return set !== null;
  }
}

const decided = (adopted: AdoptedRecord) => ({
  ...adopted,
  adoption: { epoch: adopted.epoch, finished: false } satisfies Adoption,
});
