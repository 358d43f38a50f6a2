import { InconsistentLedger } from '../../core/errors';
import { sha256, type FrozenDefinition } from '../../core/definition/frozen-definition';
import type { DefinitionRef } from '../../core/ledger';
import { padded, type Items } from './items';

/** An item has at most 400 KB, its key included; the text is ASCII. */
const PART_BYTES_MAX = 300_000;

const partKey = (hash: string, part: number): string => `definition#${hash}#${padded(part)}`;

/** Definitions that this process has read. They are stored by their content, so they never change. */
const known = new Map<string, FrozenDefinition>();
const KNOWN_MAX = 16;

/** Stores frozen definitions in parts, each below an item's limit. */
export class DefinitionTable {
  constructor(private readonly items: Items) {}

  /** Writes every part. Call this before the record refers to the definition. */
  async store(migration: string, definition: FrozenDefinition): Promise<DefinitionRef> {
    const text = asciiOf(definition);
    const ref = { hash: sha256(text), parts: Math.ceil(text.length / PART_BYTES_MAX) };
    for (let part = 0; part < ref.parts; part += 1) {
      const own = text.slice(part * PART_BYTES_MAX, (part + 1) * PART_BYTES_MAX);
      if (!(await this.items.create(migration, partKey(ref.hash, part), { text: own })))
        throw changed(migration, ref, part);
    }
    return ref;
  }

  /** @throws InconsistentLedger if a part is missing or was changed */
  async read(migration: string, ref: DefinitionRef): Promise<FrozenDefinition> {
    const found = known.get(ref.hash);
    if (found) return found;
    const texts = await Promise.all(
      Array.from({ length: ref.parts }, async (_, part) => {
        const item = await this.items.get(migration, partKey(ref.hash, part));
        if (typeof item?.text !== 'string') throw missing(migration, ref, part);
        return item.text;
      }),
    );
    const text = texts.join('');
    if (sha256(text) !== ref.hash) throw changed(migration, ref, null);
    const definition = JSON.parse(text) as FrozenDefinition;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(ref.hash, definition);
    return definition;
  }
}

/** JSON with every other character escaped, so that characters are bytes. */
const asciiOf = (definition: FrozenDefinition): string =>
  JSON.stringify(definition).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const missing = (migration: string, { hash, parts }: DefinitionRef, part: number): InconsistentLedger =>
  new InconsistentLedger(
    `part ${part + 1} of ${parts} of the frozen definition ${hash} of migration ${migration} is missing from the control table. Restore its item from a backup of the table`,
  );

const changed = (
  migration: string,
  { hash, parts }: DefinitionRef,
  part: number | null,
): InconsistentLedger =>
  new InconsistentLedger(
    `${part === null ? 'the' : `part ${part + 1} of ${parts} of the`} frozen definition ${hash} of migration ${migration} in the control table was changed. Restore its items from a backup of the table`,
  );
