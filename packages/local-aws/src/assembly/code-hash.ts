import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Hashes the names, modes and contents of all files in a directory. Returns SHA-256 in hexadecimal. */
export function hashCode(directory: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const entries = readdirSync(join(directory, path), { withFileTypes: true });
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const inner = join(path, entry.name);
      const file = join(directory, inner);
      hash.update(`${JSON.stringify(inner)} `);
      if (entry.isDirectory()) visit(inner);
      else if (entry.isSymbolicLink()) hash.update(`link ${JSON.stringify(readlinkSync(file))} `);
      else {
        const content = readFileSync(file);
        hash.update(`${(statSync(file).mode & 0o111) === 0 ? 'file' : 'program'} ${content.length} `);
        hash.update(content);
      }
    }
  };
  visit('');
  return hash.digest('hex');
}
