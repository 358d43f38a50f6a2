import { sha256 } from '../../core/definition/frozen-definition';
import { InconsistentLedger } from '../../core/errors';
import type { TextRef } from '../../core/ledger';
import { padded, type Items } from './items';

/** An item has at most 400 KB, its key included; the text is ASCII. */
const PART_BYTES_MAX = 300_000;

/** Stores texts by their content, in parts that are each below an item's limit. */
export class TextParts {
  constructor(
    private readonly items: Items,
    private readonly prefix: string,
    /** Name of the text in errors. */
    private readonly what: string,
  ) {}

  /** Writes every part. Call this before the record refers to the text. */
  async store(migration: string, value: unknown): Promise<TextRef> {
    const text = asciiOf(value);
    const ref = { hash: sha256(text), parts: Math.ceil(text.length / PART_BYTES_MAX) };
    for (let part = 0; part < ref.parts; part += 1) {
      const own = text.slice(part * PART_BYTES_MAX, (part + 1) * PART_BYTES_MAX);
      if (!(await this.items.create(migration, this.keyOf(ref, part), { text: own })))
        throw this.changed(migration, ref, part);
    }
    return ref;
  }

  /** @throws InconsistentLedger if a part is missing or was changed */
  async read(migration: string, ref: TextRef): Promise<unknown> {
    const texts = await Promise.all(
      Array.from({ length: ref.parts }, async (_, part) => {
        const item = await this.items.get(migration, this.keyOf(ref, part));
        if (typeof item?.text !== 'string') throw this.missing(migration, ref, part);
        return item.text;
      }),
    );
    const text = texts.join('');
    if (sha256(text) !== ref.hash) throw this.changed(migration, ref, null);
    return JSON.parse(text) as unknown;
  }

  private readonly keyOf = ({ hash }: TextRef, part: number): string =>
    `${this.prefix}#${hash}#${padded(part)}`;

  private missing(migration: string, { hash, parts }: TextRef, part: number): InconsistentLedger {
    return new InconsistentLedger(
      `part ${part + 1} of ${parts} of the ${this.what} ${hash} of migration ${migration} is missing from the control table. Restore its item from a backup of the table`,
    );
  }

  private changed(migration: string, { hash, parts }: TextRef, part: number | null): InconsistentLedger {
    return new InconsistentLedger(
      `${part === null ? 'the' : `part ${part + 1} of ${parts} of the`} ${this.what} ${hash} of migration ${migration} in the control table was changed. Restore its items from a backup of the table`,
    );
  }
}

/** JSON with every other character escaped, so that characters are bytes. */
const asciiOf = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
