import type { FrozenDefinition } from '../../core/definition/frozen-definition';
import type { DefinitionRef } from '../../core/ledger';
import type { Items } from './items';
import { TextParts } from './text-parts';

/** Definitions that this process has read. They are stored by their content, so they never change. */
const known = new Map<string, FrozenDefinition>();
const KNOWN_MAX = 16;

/** Stores frozen definitions. */
export class DefinitionTable {
  private readonly parts: TextParts;

  constructor(items: Items) {
    this.parts = new TextParts(items, 'definition', 'frozen definition');
  }

  /** Call this before the record refers to the definition. */
  store(migration: string, definition: FrozenDefinition): Promise<DefinitionRef> {
    return this.parts.store(migration, definition);
  }

  /** @throws InconsistentLedger if a part is missing or was changed */
  async read(migration: string, ref: DefinitionRef): Promise<FrozenDefinition> {
    const found = known.get(ref.hash);
    if (found) return found;
    const definition = (await this.parts.read(migration, ref)) as FrozenDefinition;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(ref.hash, definition);
    return definition;
  }
}
